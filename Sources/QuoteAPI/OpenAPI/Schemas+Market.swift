extension Schemas {
    /// Who suits a user, what a request could trade, and advice.
    static let market = #"""
        {
        "Recommendations": {
            "type": "object",
            "required": ["user", "model", "catalog", "basis", "eligibleOffers", "recommendations"],
            "additionalProperties": false,
            "properties": {
                "user": {"type": "string"}, "model": {"type": "string"}, "catalog": {"type": "string"},
                "basis": {"description": "What the preferences rest on.", "type": "string"},
                "performanceBasis": {"type": "string"}, "eligibleOffers": {"type": "integer", "minimum": 0},
                "recommendations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": [
                            "rank", "provider", "offer", "region", "metro", "storageClass", "score", "preference",
                            "preferenceFrom", "qosUtility", "factors", "because"
                        ],
                        "additionalProperties": false,
                        "properties": {
                            "rank": {"type": "integer", "minimum": 1}, "provider": {"type": "string"},
                            "offer": {"type": "string"}, "region": {"type": "string"}, "metro": {"type": "string"},
                            "storageClass": {"type": "string"}, "score": {"type": "number"},
                            "preference": {"type": "number", "minimum": 0, "maximum": 1},
                            "preferenceFrom": {"enum": ["learned", "foretold", "unknown"]},
                            "qosUtility": {"type": "number"},
                            "factors": {
                                "description": "What the score is the sum of.", "type": "array",
                                "items": {
                                    "type": "object", "required": ["name", "value", "contribution"],
                                    "additionalProperties": false,
                                    "properties": {
                                        "name": {"type": "string"}, "value": {"type": "number"},
                                        "contribution": {"type": "number"}, "note": {"type": "string"}
                                    }
                                }
                            },
                            "moved": {"description": "Why it stands below its score.", "type": "string"},
                            "latencyMs": {"type": "number"},
                            "because": {
                                "description": "The user's dealings that weigh most.", "type": "array",
                                "items": {
                                    "type": "object", "required": ["offer", "contribution"],
                                    "additionalProperties": false,
                                    "properties": {"offer": {"type": "string"}, "contribution": {"type": "number"}}
                                }
                            }
                        }
                    }
                }
            }
        },
        "RecordedInteractions": {
            "type": "object", "required": ["recorded", "known"], "additionalProperties": false,
            "properties": {
                "recorded": {"description": "How many were new.", "type": "integer", "minimum": 0},
                "known": {"description": "How many were kept before.", "type": "integer", "minimum": 0}
            }
        },
        "Frontier": {
            "description": "Allocations that nothing dominates, the cheapest first.", "type": "object",
            "required": [
                "quote", "catalog", "complete", "unavailabilityFactor", "latencyFactor", "solves", "milliseconds",
                "points", "gaps"
            ],
            "additionalProperties": false,
            "properties": {
                "quote": {"type": "string"}, "catalog": {"type": "string"}, "complete": {"type": "boolean"},
                "unavailabilityFactor": {"type": "number", "minimum": 1},
                "latencyFactor": {"type": "number", "minimum": 1}, "solves": {"type": "integer", "minimum": 0},
                "milliseconds": {"type": "number", "minimum": 0},
                "points": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["cost", "unavailability", "availability", "latencyMs", "misses", "placements"],
                        "additionalProperties": false,
                        "properties": {
                            "cost": {"description": "Of the whole term.", "type": "number"},
                            "unavailability": {"type": ["number", "null"]},
                            "availability": {"$ref": "#/components/schemas/Decimal"},
                            "latencyMs": {"type": ["number", "null"]},
                            "misses": {"type": "array", "items": {"type": "string"}},
                            "placements": {
                                "type": "array",
                                "items": {
                                    "type": "object", "required": ["data", "shards", "share", "offers"],
                                    "additionalProperties": false,
                                    "properties": {
                                        "data": {"type": "integer"}, "shards": {"type": "integer"},
                                        "share": {"type": "number"},
                                        "offers": {"type": "array", "items": {"type": "string"}}
                                    }
                                }
                            }
                        }
                    }
                },
                "gaps": {
                    "description": "Where nothing was looked for.", "type": "array",
                    "items": {
                        "type": "object", "required": ["unavailability", "latencyMs", "leastCost"],
                        "additionalProperties": false,
                        "properties": {
                            "unavailability": {"type": ["number", "null"]}, "latencyMs": {"type": ["number", "null"]},
                            "leastCost": {"type": ["number", "null"]}
                        }
                    }
                }
            }
        },
        "Advice": {
            "description": "What to charge, how sure that is, and what it rests on.", "type": "object",
            "required": [
                "provider", "day", "catalog", "comparable", "positions", "breakpoints", "advice", "inputs"
            ],
            "additionalProperties": false,
            "properties": {
                "provider": {"type": "string"}, "day": {"$ref": "#/components/schemas/Day"},
                "catalog": {"type": "string"},
                "comparable": {
                    "description": "Which offers of others are compared.", "type": "object",
                    "required": ["rule", "priceFactor", "volumeGB"],
                    "properties": {
                        "rule": {"type": "string"}, "priceFactor": {"type": "number"}, "volumeGB": {"type": "number"}
                    }
                },
                "positions": {
                    "description": "Where the offers stand among them.", "type": "array",
                    "items": {
                        "type": "object", "required": ["offer", "pricePerGB", "rank", "of", "rivals", "latency"],
                        "properties": {
                            "offer": {"type": "string"}, "pricePerGB": {"type": "number"}, "rank": {"type": "integer"},
                            "of": {"type": "integer"}, "quantiles": {"type": "object"},
                            "rivals": {
                                "type": "array",
                                "items": {
                                    "type": "object", "required": ["offer", "pricePerGB"],
                                    "properties": {"offer": {"type": "string"}, "pricePerGB": {"type": "number"}}
                                }
                            },
                            "latency": {"type": "array", "items": {"type": "object"}}
                        }
                    }
                },
                "breakpoints": {
                    "description": "Which volume is won up to which price.", "type": "object",
                    "required": ["offer", "unit", "chosen", "from", "to", "tick", "assumptions", "exact", "steps"]
                },
                "advice": {
                    "description": "The price, or why there is none.", "type": "object",
                    "required": ["offer", "objective", "status", "reasons", "cautions", "notes", "stage", "whatIf"],
                    "properties": {
                        "offer": {"type": "string"}, "objective": {"enum": ["profit", "revenue", "utilisation"]},
                        "status": {"enum": ["recommended", "abstained"]}
                    }
                },
                "inputs": {"description": "What a later advice is compared with.", "type": "object"}
            }
        }
        }
        """#

    /// What users and providers send.
    static let marketRequests = #"""
        {
        "Interactions": {
            "type": "object", "required": ["interactions"], "additionalProperties": false,
            "properties": {
                "interactions": {
                    "type": "array", "minItems": 1, "maxItems": 5000,
                    "items": {
                        "type": "object", "required": ["user", "offer", "kind"], "additionalProperties": false,
                        "properties": {
                            "user": {"$ref": "#/components/schemas/Name"},
                            "offer": {"description": "An offer that is or was listed.", "type": "string", "minLength": 1},
                            "kind": {"$ref": "#/components/schemas/InteractionKind"},
                            "time": {
                                "description": "When it happened; now unless given.",
                                "$ref": "#/components/schemas/Time"
                            }
                        }
                    }
                }
            }
        },
        "Costs": {
            "description": "A provider's costs; every number carries its unit, as in \"0.14 EUR/kWh\".",
            "type": "object",
            "required": [
                "provider", "asOf", "currency", "hardware", "life", "capacity", "utilisation", "power", "pue",
                "electricity", "bandwidth"
            ],
            "additionalProperties": false,
            "properties": {
                "provider": {"type": "string", "minLength": 1}, "asOf": {"$ref": "#/components/schemas/Day"},
                "currency": {"$ref": "#/components/schemas/Asset"}, "hardware": {"type": "string", "minLength": 1},
                "life": {"type": "string", "minLength": 1}, "capacity": {"type": "string", "minLength": 1},
                "utilisation": {"type": "string", "minLength": 1}, "power": {"type": "string", "minLength": 1},
                "pue": {"type": ["string", "number"]}, "electricity": {"type": "string", "minLength": 1},
                "bandwidth": {"type": "string", "minLength": 1}, "operations": {"type": "string", "minLength": 1},
                "capital": {"type": "string", "minLength": 1}, "egressShare": {"type": "string", "minLength": 1},
                "sources": {"type": "object", "additionalProperties": {"type": "string"}},
                "assumption": {"type": "boolean"}
            }
        }
        }
        """#
}
