/// A metropolitan area: the "region" whose loss an allocation may have to survive, shared by all providers in it.
public struct Metro: Sendable, Hashable, Identifiable {
    /// A short name, e.g. `frankfurt`.
    public let id: String
    /// The name for people.
    public let name: String
    /// ISO 3166-1 alpha-2; `ZZ` for a network without a place.
    public let country: String
    /// `AF AS EU NA SA OC`, or `ZZ`.
    public let continent: String
    /// The jurisdictions that data there is under: the country and the groups it belongs to, e.g. `DE`, `EU`.
    public let jurisdictions: [String]
    /// Degrees north and east; nil for a network without a place.
    public let coordinates: Coordinates?

    /// A metro of given parts.
    public init(
        id: String, name: String, country: String, continent: String, jurisdictions: [String], coordinates: Coordinates?
    ) {
        self.id = id
        self.name = name
        self.country = country
        self.continent = continent
        self.jurisdictions = jurisdictions
        self.coordinates = coordinates
    }
}

/// A point on the globe.
public struct Coordinates: Sendable, Hashable {
    /// Degrees north, −90…90.
    public let latitude: Double
    /// Degrees east, −180…180.
    public let longitude: Double

    /// A point.
    public init(latitude: Double, longitude: Double) {
        self.latitude = latitude
        self.longitude = longitude
    }
}

/// Where readers are, as requests name it.
public struct ReaderRegion: Sendable, Hashable, Identifiable {
    /// A short name, e.g. `eu-west`.
    public let id: String
    /// The name for people.
    public let name: String
    /// The metro that stands for it.
    public let metro: String

    /// A reader region of given parts.
    public init(id: String, name: String, metro: String) {
        self.id = id
        self.name = name
        self.metro = metro
    }
}

/// A round-trip time between a reader region and a metro.
public struct Latency: Sendable, Hashable {
    /// Milliseconds.
    public let milliseconds: Double
    /// Whether it was measured; else it is estimated from the distance.
    public let measured: Bool

    /// A latency.
    public init(milliseconds: Double, measured: Bool) {
        self.milliseconds = milliseconds
        self.measured = measured
    }
}
