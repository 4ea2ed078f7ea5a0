extension NightReport {
    /// A region: what it keeps, and what its listeners are expected to ask for.
    package struct Region: Sendable {
        package var id: String
        package var name: String
        package var failureDomain: String
        package var latitude: Double
        package var longitude: Double
        package var capacityBytes: Int
        /// Kept from tonight on, the newly added among it.
        package var usedBytes: Int
        package var songs: Int
        package var addedSongs: Int
        package var addedBytes: Int
        package var removedSongs: Int
        package var removedBytes: Int
        /// Songs that would have a copy here, and do not because the region is full.
        package var wantedSongs: Int
        /// Of the region's listeners on the plan's day.
        package var expectedStreams: Double

        package init(
            id: String, name: String, failureDomain: String = "", latitude: Double,
            longitude: Double, capacityBytes: Int, usedBytes: Int, songs: Int, addedSongs: Int = 0,
            addedBytes: Int = 0, removedSongs: Int = 0, removedBytes: Int = 0, wantedSongs: Int = 0,
            expectedStreams: Double
        ) {
            self.id = id
            self.name = name
            self.failureDomain = failureDomain
            self.latitude = latitude
            self.longitude = longitude
            self.capacityBytes = capacityBytes
            self.usedBytes = usedBytes
            self.songs = songs
            self.addedSongs = addedSongs
            self.addedBytes = addedBytes
            self.removedSongs = removedSongs
            self.removedBytes = removedBytes
            self.wantedSongs = wantedSongs
            self.expectedStreams = expectedStreams
        }
    }

    package struct Edge: Sendable {
        package var id: String
        package var region: String
        package var capacityBytes: Int
        /// The part of the capacity that planned songs may fill.
        package var pinnedBytes: Int
        /// Planned to be held when the plan's day starts, the newly fetched among it.
        package var heldBytes: Int
        package var heldSongs: Int
        package var fetchedBytes: Int
        package var fetchedSongs: Int
        package var evictedSongs: Int
        package var fillBudgetBytes: Int
        /// Share of the expected streams near the edge that it will answer itself, 0…1; nil
        /// where no stream is expected.
        package var expectedHitShare: Double?

        package init(
            id: String, region: String, capacityBytes: Int, pinnedBytes: Int, heldBytes: Int,
            heldSongs: Int, fetchedBytes: Int = 0, fetchedSongs: Int = 0, evictedSongs: Int = 0,
            fillBudgetBytes: Int, expectedHitShare: Double?
        ) {
            self.id = id
            self.region = region
            self.capacityBytes = capacityBytes
            self.pinnedBytes = pinnedBytes
            self.heldBytes = heldBytes
            self.heldSongs = heldSongs
            self.fetchedBytes = fetchedBytes
            self.fetchedSongs = fetchedSongs
            self.evictedSongs = evictedSongs
            self.fillBudgetBytes = fillBudgetBytes
            self.expectedHitShare = expectedHitShare
        }
    }

    /// Where the songs are, and who is served from where.
    package struct Placement: Sendable {
        /// Songs by number of replicas.
        package struct ReplicaCount: Sendable {
            package var replicas: Int
            package var songs: Int

            package init(replicas: Int, songs: Int) {
                self.replicas = replicas
                self.songs = songs
            }
        }

        /// Copies made tonight.
        package struct Move: Sendable {
            /// A region's id; nil when the copy comes from the origin.
            package var from: String?
            package var to: String
            package var songs: Int
            package var bytes: Int

            package init(from: String?, to: String, songs: Int, bytes: Int) {
                self.from = from
                self.to = to
                self.songs = songs
                self.bytes = bytes
            }
        }

        /// Streams that one region's replicas are expected to serve to listeners of another.
        package struct Serving: Sendable {
            package var holder: String
            package var listeners: String
            package var expectedStreams: Double

            package init(holder: String, listeners: String, expectedStreams: Double) {
                self.holder = holder
                self.listeners = listeners
                self.expectedStreams = expectedStreams
            }
        }

        /// A genre, and how much of it each region keeps.
        package struct Genre: Sendable {
            package var genre: String
            package var songs: Int
            /// By region id.
            package var songsByRegion: [String: Int]

            package init(genre: String, songs: Int, songsByRegion: [String: Int]) {
                self.genre = genre
                self.songs = songs
                self.songsByRegion = songsByRegion
            }
        }

        package struct Cost: Sendable {
            package var name: String
            package var usd: Double

            package init(name: String, usd: Double) {
                self.name = name
                self.usd = usd
            }
        }

        /// A limit that binds.
        package struct Saving: Sendable {
            /// `capacity of eu-west`
            package var limit: String
            /// `TB`, or `song`.
            package var unit: String
            package var usd: Double

            package init(limit: String, unit: String, usd: Double) {
                self.limit = limit
                self.unit = unit
                self.usd = usd
            }
        }

        /// Replicas that the topology asks for.
        package var replicas = 3
        package var replicaCounts: [ReplicaCount] = []
        package var moves: [Move] = []
        package var servings: [Serving] = []
        package var genres: [Genre] = []
        /// Expected for the plan's day, by part.
        package var costs: [Cost] = []
        /// How far above the best possible the plan is at most; nil in plans of before.
        package var gapPercent: Double?
        /// What more of a limit that binds would save a day.
        package var savings: [Saving] = []

        package init() {}
    }
}
