extension GenreTree {
    /// A name, then its other spellings; two spaces of indent for each level.
    static let table = """
        Rock|Rock Music|General Rock
          Alternative Rock|Alternative|Alt Rock|AlternRock|Alt. Rock|Alternative & Punk
            Britpop|Brit Pop
            Grunge
              Post-Grunge
            Indie Rock|Indie
              Slacker Rock
              Math Rock
              Midwest Emo
            Shoegaze|Shoegazing
            Dream Pop
            Noise Rock
            College Rock
            Madchester|Baggy
            Industrial Rock
          Art Rock
          Progressive Rock|Prog|Prog Rock|Progressive|Symphonic Rock
            Krautrock|Kraut Rock
            Canterbury Scene
            Neo-Prog|Neo-Progressive Rock
            Zeuhl
            Space Rock
          Psychedelic Rock|Psychedelic|Psychedelia|Psych Rock|Acid Rock
            Neo-Psychedelia
            Garage Rock
          Hard Rock
            Glam Rock
            Stoner Rock
            Southern Rock
            Arena Rock|AOR
          Classic Rock
          Rock & Roll|Rock 'n' Roll|Rock'n'Roll|RnR|Rock N Roll
            Rockabilly
              Psychobilly
            Surf Rock|Surf|Surf Music
          Blues Rock
          Folk Rock
          Country Rock
          Soft Rock|Slow Rock
          Yacht Rock
          Post-Rock
          Pub Rock
          Heartland Rock
          Instrumental Rock
          Jam Band
          J-Rock|Japanese Rock
          K-Rock|Korean Rock
          Latin Rock|Rock en Español
          Chanson Rock
        Punk|Punk Rock
          Hardcore Punk|Hardcore
            Post-Hardcore
            Screamo
            Crust Punk
            Powerviolence
            Melodic Hardcore
          Pop Punk|Skate Punk
          Emo
          Post-Punk
            No Wave
            Gothic Rock|Goth|Goth Rock
            Deathrock
          New Wave
          Oi!|Street Punk
          Folk Punk|Celtic Punk
          Ska Punk
          Riot Grrrl
          Anarcho-Punk
          Proto-Punk
        Metal|Heavy Metal
          Black Metal
            Atmospheric Black Metal
            Blackgaze
          Death Metal
            Melodic Death Metal|Melodeath
            Technical Death Metal
            Brutal Death Metal
            Deathcore
          Doom Metal
            Funeral Doom
            Sludge Metal|Sludge
            Stoner Metal
            Drone Metal
          Thrash Metal|Speed Metal
          Power Metal
          Progressive Metal|Prog Metal
            Djent
          Symphonic Metal
          Gothic Metal
          Folk Metal
            Viking Metal
          Glam Metal|Hair Metal
          Groove Metal
          Industrial Metal|Neue Deutsche Härte
          Alternative Metal
          Nu Metal|Nu-Metal|Rap Metal
          Metalcore
            Mathcore
          Post-Metal
          Grindcore
          New Wave of British Heavy Metal|NWOBHM
        Pop|Pop Music
          Dance-Pop|Dance Pop
          Electropop|Electro Pop
          Synth-Pop|Synthpop|Synth Pop|Technopop
          Indie Pop|Twee Pop|Jangle Pop
          Power Pop
          Art Pop|Baroque Pop
          Chamber Pop
          Teen Pop|Bubblegum Pop|Boy Band
          Europop
          Hyperpop
          City Pop
          J-Pop|Jpop|Japanese Pop
          K-Pop|Kpop|Korean Pop
          C-Pop|Mandopop|Chinese Pop
          Cantopop
          Latin Pop
          Chanson|French Pop|Nouvelle Chanson
          Schlager
          Sunshine Pop
          Vocal|Traditional Pop|Crooner|Oldies
          Easy Listening|Lounge|Exotica
          Adult Contemporary
          Ballad|Power Ballad
          Singer-Songwriter|Singer/Songwriter
        Electronic|Electronica|Electronic Music|Elektronik
          Ambient|Ambient Music
            Dark Ambient
            Drone
            Space Ambient
          Dance|Dance Music|EDM|Club|Club-House
            Euro-Dance|Eurodance|Euro-House
            Hi-NRG
            Italo-Disco|Italo Disco
          House
            Deep House
            Acid House|Acid
            Tech House
            Progressive House
            Electro House
            Chicago House
            French House
            Tropical House
            UK Garage|Garage|2-Step|Speed Garage
            Big Room
          Techno
            Minimal Techno|Minimal
            Detroit Techno
            Dub Techno
            Hard Techno|Industrial Techno
            Acid Techno
          Trance
            Goa Trance|Goa
            Psytrance|Psychedelic Trance
            Progressive Trance
            Vocal Trance|Uplifting Trance
            Hard Trance
          Drum & Bass|Drum and Bass|DnB|D&B|Drum'n'Bass
            Liquid Funk|Liquid Drum & Bass
            Neurofunk
            Jungle
          Breakbeat|Breaks|Break Beat
            Big Beat
            Nu Skool Breaks
          Dubstep
            Brostep
          Bass Music|Bass|UK Bass
            Future Bass
            Wonky
            Footwork|Juke
          Grime
          IDM|Intelligent Dance Music|Braindance
          Glitch|Clicks & Cuts
          Downtempo|Down Tempo|Chill-Out|Chillout|Chill
            Trip-Hop|Trip Hop
            Chillwave
            Nu Jazz
          Electro
            Electroclash
          Industrial|EBM|Electronic Body Music
            Aggrotech
            Futurepop
            Power Electronics
          Synthwave|Retrowave|Outrun
          Vaporwave
          Darkwave|Dark Wave|Coldwave|Minimal Wave
          Hardcore Techno|Hardcore Electronic|Terror
            Gabber|Gabba
            Happy Hardcore
            Hardstyle
            Speedcore
            Breakcore
          Chiptune|Chip Music|8-Bit|Bitpop
          Lo-Fi Beats|Lofi Hip Hop|Chillhop
          Leftfield
          Folktronica
          Plunderphonics
        Hip Hop|Hip-Hop|HipHop|Rap|Hip-Hop/Rap|Rap/Hip Hop|Rap & Hip Hop|Hip Hop Rap
          Alternative Hip Hop|Underground Hip Hop|Abstract Hip Hop
          Boom Bap|East Coast Hip Hop
          Gangsta Rap|Gangsta|West Coast Hip Hop|G-Funk
          Southern Hip Hop|Dirty South|Crunk
          Trap|Trap Music
          Drill|UK Drill
          Conscious Hip Hop
          Jazz Rap
          Horrorcore
          Cloud Rap|Emo Rap
          Turntablism
          Christian Hip Hop|Christian Gangsta Rap|Christian Rap
          Political Hip Hop
          Pop Rap
          Freestyle
        R&B|RnB|R'n'B|Rhythm & Blues|Rhythm and Blues|R&B/Soul|Contemporary R&B
          Soul|Soul Music
            Neo Soul|Neo-Soul
            Southern Soul
            Northern Soul
            Philly Soul
            Motown
          Funk|Funk Music
            P-Funk
            Acid Jazz Funk
          Disco
            Nu-Disco|Nu Disco
          New Jack Swing
          Doo-Wop|Doo Wop
          Quiet Storm|Slow Jam
          Boogie
        Jazz|Jazz Music
          Bebop|Bop|Be-Bop
          Hard Bop
          Cool Jazz|Cool
          Swing|Big Band|Fast-Fusion Swing
          Free Jazz|Avant-Garde Jazz
          Jazz Fusion|Fusion|Jazz-Rock|Jazz Rock|Jazz+Funk|Jazz Funk|Fast Fusion
          Acid Jazz
          Smooth Jazz
          Latin Jazz|Afro-Cuban Jazz
          Modal Jazz
          Post-Bop
          Dixieland|Trad Jazz|New Orleans Jazz
          Ragtime
          Vocal Jazz
          Gypsy Jazz|Jazz Manouche
          Soul Jazz
          Spiritual Jazz
          Contemporary Jazz
        Blues|Blues Music
          Delta Blues|Country Blues|Acoustic Blues
          Chicago Blues
          Electric Blues|Modern Electric Blues
          Jump Blues
          Piano Blues|Boogie-Woogie
          Texas Blues
        Country|Country Music|Country & Western
          Bluegrass
          Americana
          Alt-Country|Alternative Country
          Honky Tonk
          Outlaw Country
          Western Swing
          Country Pop
          Old-Time|Old Time
        Folk|Folk Music|Folklore|Traditional Folk
          Celtic|Celtic Music
            Irish Folk|Irish Traditional
            Scottish Folk
          Indie Folk|Freak Folk
          Contemporary Folk|Anti-Folk
          Neofolk|Neo-Folk|Dark Folk
          American Folk|Appalachian
          Nordic Folk|Scandinavian Folk
          Balkan|Balkan Music|Balkan Brass
          Klezmer
          Polka
          Sea Shanties|Shanty
          National Folk
          Folk-Pop|Folk Pop
          Acoustic
        Classical|Classical Music|Klassik|Classique|Clásica
          Early Music|Renaissance|Medieval
            Gregorian Chant|Chant|Plainsong
          Baroque
          Romantic|Romantic Classical
          Modern Classical|Contemporary Classical|Neoclassical|20th Century Classical
            Minimalism
            Serialism
          Opera
            Operetta
          Choral|Choir|Chorus
          Chamber Music|String Quartet
          Orchestral|Symphony|Symphonic|Concerto
          Piano|Solo Piano
          Lied|Art Song|Lieder
          Sonata
          Ballet
        Latin|Latin Music|Latino|Música Latina
          Salsa
          Samba
          Bossa Nova
          MPB|Música Popular Brasileira
          Choro
          Forró
          Axé
          Baile Funk|Funk Carioca
          Tango
            Nuevo Tango
          Cumbia
          Merengue
          Bachata
          Bolero
          Reggaeton|Reggaetón
          Mariachi
          Ranchera
          Norteño|Tejano|Tex-Mex|Regional Mexican
          Mambo
          Rumba
          Son Cubano|Son
          Vallenato
          Nueva Canción
        Reggae|Reggae Music
          Dub
          Dancehall|Ragga
          Ska|2 Tone
          Rocksteady
          Roots Reggae|Roots
          Lovers Rock
        Caribbean
          Calypso
          Soca
          Zouk
          Kompa|Compas
        African|Afro|African Music
          Afrobeat
          Afrobeats|Afropop|Afro-Pop
          Highlife
          Soukous|Rumba Congolaise
          Mbalax
          Amapiano
          Kwaito
          Gnawa
          Desert Blues|Tishoumaren
          Ethio-Jazz|Ethiopian Jazz
        Asian|Asian Music
          Bollywood|Filmi
          Hindustani|Indian Classical|Raga
          Carnatic
          Bhangra
          Qawwali
          Enka
          Gamelan
        Middle Eastern|Arabic|Arabic Music
          Raï|Rai
          Turkish Folk|Türkü
          Persian Traditional
        World|World Music|World Fusion|Worldbeat|Ethnic|Ethnic Fusion
          Flamenco
          Fado
          Hawaiian
          Polynesian
          Throat Singing
        Experimental|Avantgarde|Avant-Garde
          Noise|Noise Music|Harsh Noise
          Musique Concrète|Electroacoustic
          Free Improvisation
          Sound Art|Field Recording|Field Recordings
          Sound Collage|Sound Clip
        New Age|New-Age
          Meditation|Meditative
          Healing
          Nature Sounds|Nature
        Gospel|Gospel & Religious
          Christian|Christian & Gospel|CCM|Contemporary Christian
            Christian Rock
            Worship|Praise & Worship
          Spirituals|Negro Spiritual
          Devotional|Religious
        Soundtrack|OST|Original Soundtrack|Film Score|Score|Soundtracks
          Video Game Music|Game|Game Soundtrack|VGM
          Anime|Anime Soundtrack
          Musical|Show Tunes|Showtunes|Broadway|Cast Recording
          Television|TV Soundtrack
        Children's|Children's Music|Children|Kids|Childrens|Kinder
          Lullaby|Lullabies
        Holiday|Christmas|Xmas|Christmas Music
        Marching Band|March|Brass Band|Military
        Spoken Word|Speech|Spoken
          Audiobook|Audiobooks|Hörbuch|Audio Book
          Podcast|Podcasts
          Radio Drama|Hörspiel|Audio Theatre
          Poetry
          Interview
        Comedy|Humour|Humor|Satire
          Stand-Up|Standup
          Novelty
          Parody
        """
}
