/// What decoding finds in a song that can be played nevertheless.
package enum DecodeWarning: String, CaseIterable, Sendable {
    /// Bytes between two frames that belong to none; the decoder had to look for the next frame.
    case resync
    /// A frame's side information contradicts itself: the frame is silent or missing.
    case badSideInfo = "bad_side_info"
    /// A frame's Huffman data ends early, late or nowhere.
    case badAudioData = "bad_audio_data"
    /// Samples far beyond full scale (18 dB), or no numbers: what corrupt data decodes to. They
    /// count as 18 dB, or as silence.
    case wildSamples = "wild_samples"
    /// Sample rate or channels change on the way.
    case formatChange = "format_change"
    /// The last frame is cut.
    case cutShort = "cut_short"
    /// Fewer samples than the frames promise.
    case samplesMissing = "samples_missing"
    /// More samples than the frames promise.
    case samplesExtra = "samples_extra"
    /// Something else that the decoder complained about.
    case decoderMessage = "decoder_message"
}

/// Why a song has no measurement.
package enum DecodeFailure: String, CaseIterable, Sendable {
    /// The blob is not in the warehouse, or cannot be read.
    case blobMissing = "blob_missing"
    /// The decoder finds no frame.
    case notDecodable = "not_decodable"
    /// The decoder gave up on the way.
    case decoderError = "decoder_error"
    /// The decoder crashed, twice, and took its helper process with it.
    case decoderCrashed = "decoder_crashed"
    /// More time or memory than a song may take.
    case overLimit = "over_limit"
}
