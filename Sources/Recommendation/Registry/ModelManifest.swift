import Foundation

/// What a stored model is, where it came from, and how to check it.
public struct ModelManifest: Sendable, Equatable, Codable {
    /// The time span of the interactions that a model learned from.
    public struct DataWindow: Sendable, Equatable, Codable {
        /// The first moment, inclusive; nil when the data has no times.
        public var start: Date?
        /// The last moment, exclusive; nil when the data has no times.
        public var end: Date?
        /// The number of interactions.
        public var interactions: Int
        /// SHA-256 of the interactions in CSR form, in hexadecimal.
        public var hash: String

        /// The window of `interactions`.
        public init(start: Date? = nil, end: Date? = nil, of interactions: InteractionMatrix) {
            self.start = start
            self.end = end
            self.interactions = interactions.count
            hash = interactions.sha256
        }
    }

    /// A file that belongs to the model.
    public struct File: Sendable, Equatable, Codable {
        /// Its name within the model's folder.
        public var name: String
        /// SHA-256 of its bytes, in hexadecimal.
        public var sha256: String

        /// A file of these bytes' hash.
        public init(name: String, sha256: String) {
            self.name = name
            self.sha256 = sha256
        }
    }

    /// The format of the manifest; this code reads 1.
    public var format = 1
    /// The version, which is the name of the folder.
    public var version: String
    /// What kind of model it is, and all its hyperparameters.
    public var recipe: ModelRecipe
    /// When it was trained.
    public var createdAt: Date
    /// The seed of training.
    public var seed: UInt64
    /// What it learned from.
    public var data: DataWindow
    /// Measures by name, as `recall@20`.
    public var metrics: [String: Double]
    /// How the model's scores become probabilities; nil leaves them as they are.
    public var calibration: Calibration?
    /// What new users' factors are likely to be; nil takes the mean user.
    public var userPrior: FeaturePrior?
    /// The number of users.
    public var userCount: Int
    /// The number of items.
    public var itemCount: Int
    /// The version of the code that trained it.
    public var codeVersion: String
    /// The tensors.
    public var factors: File
    /// User IDs in index order, a JSON array of strings; nil when indices are the IDs.
    public var userIDs: File?
    /// Item IDs in index order, a JSON array of strings; nil when indices are the IDs.
    public var itemIDs: File?
    /// What trained it; nil in manifests from before there was a choice, which means this package.
    public var engine: TrainingEngine?
    /// How interactions were weighted, which fold-in at serving must repeat; nil means the defaults.
    public var weighting: InteractionWeighting?
    /// How it was measured and judged; nil when it was not.
    public var evaluation: File?
    /// The job that trained it, by the hash of all that its outcome depends on; nil when no job did.
    public var job: String?

    /// What kind of model it is.
    public var kind: ModelKind { recipe.kind }
}

extension ModelManifest {
    /// Where the recipe was before it held the hyperparameters of every kind.
    private enum OldKeys: String, CodingKey { case kind, hyperparameters }

    /// Reads a manifest. Of those from before `recipe`, factorizations and popularity say all that there is to say.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys) throws -> Value { try values.decode(Value.self, forKey: key) }
        func optional<Value: Decodable>(_ key: CodingKeys) throws -> Value? {
            try values.decodeIfPresent(Value.self, forKey: key)
        }
        self.init(
            format: try value(.format), version: try value(.version),
            recipe: try optional(.recipe) ?? Self.oldRecipe(decoder), createdAt: try value(.createdAt),
            seed: try value(.seed), data: try value(.data), metrics: try value(.metrics),
            calibration: try optional(.calibration), userPrior: try optional(.userPrior),
            userCount: try value(.userCount), itemCount: try value(.itemCount), codeVersion: try value(.codeVersion),
            factors: try value(.factors), userIDs: try optional(.userIDs), itemIDs: try optional(.itemIDs),
            engine: try optional(.engine), weighting: try optional(.weighting), evaluation: try optional(.evaluation),
            job: try optional(.job))
    }

    private static func oldRecipe(_ decoder: any Decoder) throws -> ModelRecipe {
        let values = try decoder.container(keyedBy: OldKeys.self)
        switch try values.decode(ModelKind.self, forKey: .kind) {
        case .popularity: return .popularity
        case .ials: return .ials(try values.decode(ImplicitALS.Hyperparameters.self, forKey: .hyperparameters))
        case .itemCosine, .ease, .graphFilter, .blend:
            throw DecodingError.dataCorruptedError(
                forKey: .hyperparameters, in: values, debugDescription: "there is no recipe of its kind")
        }
    }
}

/// What computes the factors.
public enum TrainingEngine: String, Sendable, Codable, CaseIterable {
    /// This package.
    case local
    /// Apache Spark's MLlib.
    case spark
}

/// What the trainer knows about a model beyond the model itself.
public struct ModelProvenance: Sendable, Equatable {
    /// The version to store it under: letters, digits, `.`, `-` and `_`, not beginning with a dot.
    public var version: String
    /// When it was trained.
    public var createdAt: Date
    /// The seed of training.
    public var seed: UInt64
    /// What it learned from.
    public var data: ModelManifest.DataWindow
    /// Measures by name.
    public var metrics: [String: Double]
    /// How the model's scores become probabilities.
    public var calibration: Calibration?
    /// What new users' factors are likely to be.
    public var userPrior: FeaturePrior?
    /// The version of the code that trained it.
    public var codeVersion: String
    /// User IDs in index order.
    public var userIDs: [String]?
    /// Item IDs in index order.
    public var itemIDs: [String]?
    /// What trained it.
    public var engine: TrainingEngine?
    /// How interactions were weighted.
    public var weighting: InteractionWeighting?
    /// How it was measured and judged: the bytes of `evaluation.json`.
    public var evaluation: Data?
    /// The hash of the job that trained it.
    public var job: String?

    /// The provenance of one training run.
    public init(
        version: String, createdAt: Date, seed: UInt64, data: ModelManifest.DataWindow, metrics: [String: Double] = [:],
        codeVersion: String, userIDs: [String]? = nil, itemIDs: [String]? = nil, engine: TrainingEngine? = nil,
        weighting: InteractionWeighting? = nil, evaluation: Data? = nil, job: String? = nil
    ) {
        self.version = version
        self.createdAt = createdAt
        self.seed = seed
        self.data = data
        self.metrics = metrics
        self.codeVersion = codeVersion
        self.userIDs = userIDs
        self.itemIDs = itemIDs
        self.engine = engine
        self.weighting = weighting
        self.evaluation = evaluation
        self.job = job
    }
}

/// A model that was read from the registry, with all that belongs to it.
public struct StoredModel: Sendable {
    /// Its manifest.
    public let manifest: ModelManifest
    /// The model.
    public let model: any StorableModel
    /// User IDs in index order; nil when indices are the IDs.
    public let userIDs: [String]?
    /// Item IDs in index order; nil when indices are the IDs.
    public let itemIDs: [String]?
}
