extension Schemas {
    /// What the operator sends.
    static let administrationRequests = #"""
        {
        "Certification": {
            "type": "object", "required": ["since", "evidence"], "additionalProperties": false,
            "properties": {
                "since": {"description": "The first day.", "$ref": "#/components/schemas/Day"},
                "until": {"description": "The last day; none for an open end.", "$ref": "#/components/schemas/Day"},
                "evidence": {"$ref": "#/components/schemas/Line"}
            }
        },
        "Reason": {
            "type": "object", "required": ["reason"], "additionalProperties": false,
            "properties": {"reason": {"$ref": "#/components/schemas/Line"}}
        },
        "Line": {
            "description": "A line of text, without control characters.", "type": "string", "minLength": 1,
            "maxLength": 1000, "pattern": "^[^\\u0000-\\u001f\\u007f]+$"
        },
        "Standing": {
            "type": "object", "additionalProperties": false,
            "properties": {
                "subscriptionUntil": {
                    "description": "The last day that is paid for.", "$ref": "#/components/schemas/Day"
                },
                "stake": {"$ref": "#/components/schemas/Stake"}, "minimumStake": {"$ref": "#/components/schemas/Stake"}
            }
        },
        "Stake": {
            "description": "An amount, 0 or more; network and issuer, where given, are the asset's.", "type": "object",
            "required": ["amount", "asset"], "additionalProperties": false,
            "properties": {
                "amount": {"type": "string", "pattern": "^[0-9]{1,12}(\\.[0-9]{1,18})?$"},
                "asset": {"$ref": "#/components/schemas/Asset"}, "network": {"type": "string", "minLength": 1},
                "issuer": {"type": "string", "minLength": 1}
            }
        },
        "Settlement": {
            "description": "Usage and QoS of legs by settlement period, each from where the one before ended.",
            "type": "object", "required": ["legs"], "additionalProperties": false,
            "properties": {
                "legs": {
                    "type": "array", "minItems": 1, "maxItems": 64,
                    "items": {
                        "type": "object", "required": ["offer", "periods"], "additionalProperties": false,
                        "properties": {
                            "offer": {"type": "string", "minLength": 1},
                            "periods": {
                                "type": "array", "minItems": 1, "maxItems": 400,
                                "items": {"$ref": "#/components/schemas/ReportedPeriod"}
                            }
                        }
                    }
                }
            }
        },
        "ReportedPeriod": {
            "type": "object", "required": ["from", "until", "storageGB", "egressGB"], "additionalProperties": false,
            "properties": {
                "from": {"description": "The first day.", "$ref": "#/components/schemas/Day"},
                "until": {"description": "The day after the last.", "$ref": "#/components/schemas/Day"},
                "storageGB": {"$ref": "#/components/schemas/Volume"}, "egressGB": {"$ref": "#/components/schemas/Volume"},
                "latencyMs": {
                    "description": "The average; none where none was measured.",
                    "anyOf": [
                        {"type": "string", "pattern": "^[0-9]{1,9}(\\.[0-9]{1,18})?$"},
                        {"type": "number", "minimum": 0, "maximum": 4294967295}
                    ]
                },
                "uptimePercent": {
                    "anyOf": [
                        {"type": "string", "pattern": "^([0-9]{1,2}(\\.[0-9]{1,18})?|100(\\.0{1,18})?)$"},
                        {"type": "number", "minimum": 0, "maximum": 100}
                    ]
                },
                "depositUSD": {"description": "What the consumer deposits before.", "$ref": "#/components/schemas/Volume"}
            }
        }
        }
        """#

    /// What the operator reads.
    static let administration = #"""
        {
        "ImportReport": {
            "type": "object", "required": ["kind", "rows", "added", "replaced", "unchanged", "delisted"],
            "additionalProperties": false,
            "properties": {
                "kind": {"$ref": "#/components/schemas/ImportKind"}, "rows": {"type": "integer", "minimum": 0},
                "added": {"type": "integer", "minimum": 0}, "replaced": {"type": "integer", "minimum": 0},
                "unchanged": {"type": "integer", "minimum": 0},
                "delisted": {"description": "Offers that the document no longer has.", "type": "integer", "minimum": 0}
            }
        },
        "Register": {
            "type": "object", "required": ["participants"], "additionalProperties": false,
            "properties": {
                "participants": {"type": "array", "items": {"$ref": "#/components/schemas/Participant"}}
            }
        },
        "Participant": {
            "type": "object",
            "required": ["register", "participant", "listed", "suspended", "entries", "suspensions", "standings"],
            "additionalProperties": false,
            "properties": {
                "register": {"enum": ["storage-provider", "service-provider"]}, "participant": {"type": "string"},
                "listed": {
                    "description": "Whether it is certified today, not suspended, and in good standing.",
                    "type": "boolean"
                },
                "suspended": {"type": "boolean"},
                "entries": {
                    "description": "Its certificates by their first days.", "type": "array",
                    "items": {
                        "type": "object", "required": ["status", "since", "evidence"], "additionalProperties": false,
                        "properties": {
                            "status": {"enum": ["certified", "suspended"]},
                            "since": {"$ref": "#/components/schemas/Day"}, "until": {"$ref": "#/components/schemas/Day"},
                            "evidence": {"type": "string"}
                        }
                    }
                },
                "suspensions": {
                    "description": "Its suspensions in order.", "type": "array",
                    "items": {
                        "type": "object", "required": ["since", "reason", "by"], "additionalProperties": false,
                        "properties": {
                            "since": {"$ref": "#/components/schemas/Time"}, "reason": {"type": "string"},
                            "by": {"type": "string"},
                            "lifted": {
                                "type": "object", "required": ["at", "reason", "by"], "additionalProperties": false,
                                "properties": {
                                    "at": {"$ref": "#/components/schemas/Time"}, "reason": {"type": "string"},
                                    "by": {"type": "string"}
                                }
                            }
                        }
                    }
                },
                "standings": {
                    "description": "How it paid for being listed, in order; the last one counts.", "type": "array",
                    "items": {
                        "type": "object", "required": ["at", "good"], "additionalProperties": false,
                        "properties": {
                            "at": {"$ref": "#/components/schemas/Time"},
                            "good": {"description": "Whether it would be good today.", "type": "boolean"},
                            "subscriptionUntil": {"$ref": "#/components/schemas/Day"},
                            "stake": {"$ref": "#/components/schemas/MoneyOfAsset"},
                            "minimumStake": {"$ref": "#/components/schemas/MoneyOfAsset"}
                        }
                    }
                }
            }
        },
        "Settlements": {
            "description": "How an SLA was settled: the contract's own integer arithmetic, replayed over what was reported.",
            "type": "object", "required": ["id", "state", "legs"], "additionalProperties": false,
            "properties": {
                "id": {"type": "string"}, "state": {"$ref": "#/components/schemas/QuoteState"},
                "legs": {"type": "array", "items": {"$ref": "#/components/schemas/SettledLeg"}}
            }
        },
        "SettledLeg": {
            "description": "Amounts are the contract's integers: USD × 10 to the power of `decimals`.", "type": "object",
            "required": ["offer", "provider", "contract", "decimals", "funded", "periods"],
            "additionalProperties": false,
            "properties": {
                "offer": {"type": "string"}, "provider": {"type": "string"}, "contract": {"type": "string"},
                "decimals": {"type": "integer"}, "funded": {"$ref": "#/components/schemas/Integer"},
                "periods": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": [
                            "from", "until", "storageGB", "egressGB", "balance", "providerReputation",
                            "consumerReputation", "status"
                        ],
                        "additionalProperties": false,
                        "properties": {
                            "from": {"$ref": "#/components/schemas/Day"}, "until": {"$ref": "#/components/schemas/Day"},
                            "storageGB": {"$ref": "#/components/schemas/Decimal"},
                            "egressGB": {"$ref": "#/components/schemas/Decimal"},
                            "latencyMs": {"$ref": "#/components/schemas/Decimal"},
                            "uptimePercent": {"$ref": "#/components/schemas/Decimal"},
                            "depositUSD": {"$ref": "#/components/schemas/Decimal"},
                            "pending": {"description": "What was due.", "$ref": "#/components/schemas/Integer"},
                            "payment": {
                                "description": "Taken from the balance.", "$ref": "#/components/schemas/Integer"
                            },
                            "payout": {
                                "description": "The provider's part of it.", "$ref": "#/components/schemas/Integer"
                            },
                            "fee": {"description": "The platform's part.", "$ref": "#/components/schemas/Integer"},
                            "forfeited": {"$ref": "#/components/schemas/Integer"},
                            "shortfall": {"$ref": "#/components/schemas/Integer"},
                            "breaches": {
                                "type": "array",
                                "items": {
                                    "type": "object", "required": ["promise", "observed", "promised"],
                                    "additionalProperties": false,
                                    "properties": {
                                        "promise": {"enum": ["latency", "uptime"]}, "observed": {"type": "integer"},
                                        "promised": {"type": "integer"}
                                    }
                                }
                            },
                            "refused": {"description": "Why the contract did not settle.", "type": "string"},
                            "balance": {"$ref": "#/components/schemas/Integer"},
                            "providerReputation": {"type": "integer", "minimum": 0, "maximum": 100},
                            "consumerReputation": {"type": "integer", "minimum": 0, "maximum": 100},
                            "status": {"type": "string"}
                        }
                    }
                }
            }
        }
        }
        """#
}
