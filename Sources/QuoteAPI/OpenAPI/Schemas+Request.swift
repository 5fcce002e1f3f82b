extension Schemas {
    /// What users ask for. A member that is not required may be null as well, which says nothing: ``all`` adds that.
    static let request = #"""
        {
        "Count": {
            "description": "A whole number; a string of its digits is taken too.",
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 1000000000000}, {"type": "string", "pattern": "^[0-9]{1,12}$"}
            ]
        },
        "Share": {
            "description": "0 to 1, as a decimal or a number without exponent.",
            "anyOf": [
                {"type": "string", "pattern": "^(0(\\.[0-9]{1,18})?|1(\\.0{1,18})?)$"},
                {"type": "number", "minimum": 0, "maximum": 1}
            ]
        },
        "Volume": {
            "description": "GB (10⁹ bytes), 0 to 10⁹, as a decimal or a number without exponent.",
            "anyOf": [
                {"type": "string", "pattern": "^([0-9]{1,9}(\\.[0-9]{1,18})?|1000000000(\\.0{1,18})?)$"},
                {"type": "number", "minimum": 0, "maximum": 1000000000}
            ]
        },
        "Name": {"type": "string", "minLength": 1},
        "Names": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}},
        "SLARequest": {
            "description": "What a user asks for: how much, where it is read, how well it must be served, for how much.",
            "type": "object", "required": ["user", "storage", "term", "redundancy"], "additionalProperties": false,
            "properties": {
                "user": {"description": "For whom.", "type": "string", "minLength": 1},
                "storage": {
                    "type": "object", "required": ["logicalGB"], "additionalProperties": false,
                    "properties": {
                        "logicalGB": {
                            "description": "Data in GB (10⁹ bytes) before redundancy; a byte at least.",
                            "anyOf": [
                                {
                                    "type": "string",
                                    "pattern": "^([0-9]{1,9}(\\.[0-9]{1,18})?|1000000000(\\.0{1,18})?)$"
                                },
                                {"type": "number", "minimum": 0.000000001, "maximum": 1000000000}
                            ]
                        },
                        "meanObjectMB": {
                            "description": "The mean size of objects in MB (10⁶ bytes), 0.000001 to 50000000.",
                            "anyOf": [
                                {"type": "string", "pattern": "^[0-9]{1,8}(\\.[0-9]{1,18})?$"},
                                {"type": "number", "minimum": 0.000001, "maximum": 50000000}
                            ]
                        },
                        "monthlyGrowth": {
                            "description": "Relative growth a month, −0.5 to 1.",
                            "anyOf": [
                                {"type": "string", "pattern": "^(-?0(\\.[0-9]{1,18})?|1(\\.0{1,18})?)$"},
                                {"type": "number", "minimum": -0.5, "maximum": 1}
                            ]
                        }
                    }
                },
                "term": {
                    "type": "object", "required": ["start", "months"], "additionalProperties": false,
                    "properties": {
                        "start": {"$ref": "#/components/schemas/Day"},
                        "months": {
                            "anyOf": [
                                {"type": "integer", "minimum": 1, "maximum": 120},
                                {"type": "string", "pattern": "^([1-9][0-9]?|1[01][0-9]|120)$"}
                            ]
                        }
                    }
                },
                "traffic": {
                    "description": "What is read and written a month, by reader region; each region once.", "type": "array",
                    "items": {
                        "type": "object", "required": ["region"], "additionalProperties": false,
                        "properties": {
                            "region": {"description": "A reader region.", "type": "string", "minLength": 1},
                            "egressGB": {"$ref": "#/components/schemas/Volume"},
                            "reads": {"$ref": "#/components/schemas/Count"},
                            "writes": {"$ref": "#/components/schemas/Count"}
                        }
                    }
                },
                "redundancy": {
                    "description": "How the data is spread.", "type": "object", "required": ["scheme"],
                    "additionalProperties": false,
                    "properties": {
                        "scheme": {"type": "string", "enum": ["replication", "erasure", "auto"]},
                        "copies": {
                            "anyOf": [
                                {"type": "integer", "minimum": 1, "maximum": 16},
                                {"type": "string", "pattern": "^([1-9]|1[0-6])$"}
                            ]
                        },
                        "data": {
                            "anyOf": [
                                {"type": "integer", "minimum": 1, "maximum": 64},
                                {"type": "string", "pattern": "^([1-9]|[1-5][0-9]|6[0-4])$"}
                            ]
                        },
                        "parity": {
                            "anyOf": [
                                {"type": "integer", "minimum": 0, "maximum": 64},
                                {"type": "string", "pattern": "^([0-9]|[1-5][0-9]|6[0-4])$"}
                            ]
                        },
                        "tolerate": {
                            "description": "How many may fail at once.", "type": "object", "additionalProperties": false,
                            "properties": {
                                "providers": {"$ref": "#/components/schemas/Tolerated"},
                                "regions": {"$ref": "#/components/schemas/Tolerated"}
                            }
                        }
                    },
                    "oneOf": [
                        {
                            "properties": {"scheme": {"const": "replication"}, "copies": {"not": {"type": "null"}}},
                            "required": ["copies"]
                        },
                        {
                            "properties": {
                                "scheme": {"const": "erasure"}, "data": {"not": {"type": "null"}},
                                "parity": {"not": {"type": "null"}}
                            },
                            "required": ["data", "parity"]
                        },
                        {"properties": {"scheme": {"const": "auto"}}}
                    ]
                },
                "qos": {
                    "description": "What every placement must meet.", "type": "object", "additionalProperties": false,
                    "properties": {
                        "availability": {
                            "description": "The probability that data can be read, below 1.",
                            "anyOf": [
                                {"type": "string", "pattern": "^0(\\.[0-9]{1,18})?$"},
                                {"type": "number", "minimum": 0, "exclusiveMaximum": 1}
                            ]
                        },
                        "durabilityNines": {
                            "description": "Nines of annual durability.",
                            "anyOf": [
                                {"type": "integer", "minimum": 0, "maximum": 20},
                                {"type": "string", "pattern": "^(1?[0-9]|20)$"}
                            ]
                        },
                        "latencyMs": {
                            "description": "The bound at every reader region, 0.1 to 100000.",
                            "anyOf": [
                                {"type": "string", "pattern": "^[0-9]{1,6}(\\.[0-9]{1,18})?$"},
                                {"type": "number", "minimum": 0.1, "maximum": 100000}
                            ]
                        },
                        "uploadMBps": {"$ref": "#/components/schemas/Throughput"},
                        "downloadMBps": {"$ref": "#/components/schemas/Throughput"},
                        "errorRate": {"$ref": "#/components/schemas/Share"}
                    }
                },
                "budget": {
                    "type": "object", "required": ["amount", "asset", "per"], "additionalProperties": false,
                    "properties": {
                        "amount": {"$ref": "#/components/schemas/StatedMoney"},
                        "asset": {"$ref": "#/components/schemas/Asset"},
                        "per": {"type": "string", "enum": ["month", "term"]}
                    }
                },
                "eligibility": {
                    "description": "Hard filters.", "type": "object", "additionalProperties": false,
                    "properties": {
                        "providers": {
                            "type": "object", "additionalProperties": false,
                            "properties": {
                                "allow": {"$ref": "#/components/schemas/Names"},
                                "deny": {"$ref": "#/components/schemas/Names"}
                            }
                        },
                        "jurisdictions": {"$ref": "#/components/schemas/Names"},
                        "certifications": {"$ref": "#/components/schemas/Names"},
                        "features": {"$ref": "#/components/schemas/Names"},
                        "api": {"$ref": "#/components/schemas/Name"},
                        "minReputation": {
                            "anyOf": [
                                {"type": "integer", "minimum": 0, "maximum": 100},
                                {"type": "string", "pattern": "^([0-9]{1,2}|100)$"}
                            ]
                        }
                    }
                },
                "diversification": {
                    "type": "object", "additionalProperties": false,
                    "properties": {
                        "maxProviderShare": {
                            "description": "The largest share of data with one provider, above 0.",
                            "anyOf": [
                                {"type": "string", "pattern": "^(0\\.[0-9]{1,18}|1(\\.0{1,18})?)$"},
                                {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
                            ]
                        },
                        "minProviders": {
                            "anyOf": [
                                {"type": "integer", "minimum": 1, "maximum": 32},
                                {"type": "string", "pattern": "^([1-9]|[12][0-9]|3[0-2])$"}
                            ]
                        }
                    }
                },
                "credits": {
                    "description": "Free credit of the user's own accounts.", "type": "array",
                    "items": {
                        "type": "object", "required": ["provider", "amount", "asset", "expires"],
                        "additionalProperties": false,
                        "properties": {
                            "provider": {"$ref": "#/components/schemas/Name"},
                            "amount": {"$ref": "#/components/schemas/StatedMoney"},
                            "asset": {"$ref": "#/components/schemas/Asset"},
                            "expires": {"$ref": "#/components/schemas/Day"}
                        }
                    }
                },
                "current": {
                    "description": "Where data lies now.", "type": "array",
                    "items": {
                        "type": "object", "required": ["offer", "logicalGB"], "additionalProperties": false,
                        "properties": {
                            "offer": {"$ref": "#/components/schemas/Name"},
                            "logicalGB": {"$ref": "#/components/schemas/Volume"},
                            "since": {"$ref": "#/components/schemas/Day"}
                        }
                    }
                },
                "preference": {
                    "type": "object", "additionalProperties": false,
                    "properties": {
                        "recommended": {
                            "description": "How far the ranking counts beside the price.",
                            "$ref": "#/components/schemas/Share"
                        }
                    }
                },
                "payment": {
                    "type": "object", "required": ["asset"], "additionalProperties": false,
                    "properties": {
                        "asset": {"$ref": "#/components/schemas/Asset"},
                        "network": {"$ref": "#/components/schemas/Name"}
                    }
                }
            }
        },
        "Tolerated": {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 16}, {"type": "string", "pattern": "^([0-9]|1[0-6])$"}
            ]
        },
        "Throughput": {
            "description": "MB/s, 0 to 1000000.",
            "anyOf": [
                {"type": "string", "pattern": "^([0-9]{1,6}(\\.[0-9]{1,18})?|1000000(\\.0{1,18})?)$"},
                {"type": "number", "minimum": 0, "maximum": 1000000}
            ]
        },
        "StatedMoney": {
            "description": "An amount of money with at most the asset's digits after the point.",
            "anyOf": [
                {"type": "string", "pattern": "^([0-9]{1,12}(\\.[0-9]{1,18})?|1000000000000(\\.0{1,18})?)$"},
                {"type": "number", "minimum": 0, "maximum": 1000000000000}
            ]
        },
        "Measurements": {
            "type": "object", "required": ["measurements"], "additionalProperties": false,
            "properties": {
                "measurements": {
                    "type": "array", "minItems": 1, "maxItems": 5000,
                    "items": {
                        "type": "object", "required": ["time", "region", "offer", "metric", "value"],
                        "additionalProperties": false,
                        "properties": {
                            "time": {"$ref": "#/components/schemas/Time"},
                            "region": {"description": "The reader region.", "type": "string", "minLength": 1},
                            "offer": {"type": "string", "minLength": 1},
                            "metric": {"$ref": "#/components/schemas/Metric"},
                            "value": {"description": "In the metric's unit.", "type": "number"}
                        }
                    }
                }
            }
        }
        }
        """#
}
