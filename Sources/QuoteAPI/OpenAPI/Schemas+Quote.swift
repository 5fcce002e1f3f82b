extension Schemas {
    /// Quotes: the resource, and the document that was signed.
    static let quote = #"""
        {
        "Quote": {
            "description": "A quote: the document, which never changes, and where it stands.", "type": "object",
            "required": ["document", "expiresAt", "history", "id", "state", "version"], "additionalProperties": false,
            "properties": {
                "document": {"$ref": "#/components/schemas/SignedDocument"},
                "expiresAt": {"$ref": "#/components/schemas/Time"},
                "history": {"$ref": "#/components/schemas/History"},
                "id": {"type": "string"}, "revisionOf": {"type": "string"},
                "state": {"$ref": "#/components/schemas/QuoteState"}, "version": {"type": "integer", "minimum": 1}
            }
        },
        "History": {
            "description": "When it came into which state.", "type": "array", "minItems": 1,
            "items": {
                "type": "object", "required": ["state", "at"], "additionalProperties": false,
                "properties": {
                    "state": {"$ref": "#/components/schemas/QuoteState"}, "at": {"$ref": "#/components/schemas/Time"}
                }
            }
        },
        "QuoteList": {
            "type": "object", "required": ["quotes"], "additionalProperties": false,
            "properties": {
                "quotes": {
                    "type": "array",
                    "items": {
                        "type": "object", "required": ["id", "state", "createdAt", "expiresAt", "version"],
                        "additionalProperties": false,
                        "properties": {
                            "id": {"type": "string"}, "state": {"$ref": "#/components/schemas/QuoteState"},
                            "createdAt": {"$ref": "#/components/schemas/Time"},
                            "expiresAt": {"$ref": "#/components/schemas/Time"},
                            "version": {"type": "integer", "minimum": 1}, "revisionOf": {"type": "string"}
                        }
                    }
                },
                "next": {"description": "The cursor of the next page; absent on the last.", "type": "string"}
            }
        },
        "SignedDocument": {
            "description": "What was quoted. The signature is a detached JWS over the canonical text (RFC 8785) of the rest.",
            "type": "object",
            "required": [
                "id", "status", "createdAt", "validUntil", "request", "placements", "legs", "bill", "total", "asset",
                "achieved", "asked", "ranking", "eligibility", "terms", "pins"
            ],
            "additionalProperties": false,
            "properties": {
                "id": {"type": "string", "pattern": "^q_[0-9a-f]+$"},
                "status": {"description": "Whether it is proven to be the best.", "enum": ["optimal", "feasible"]},
                "createdAt": {"$ref": "#/components/schemas/Time"}, "validUntil": {"$ref": "#/components/schemas/Time"},
                "request": {"$ref": "#/components/schemas/SLARequest"},
                "placements": {
                    "type": "array", "minItems": 1,
                    "items": {
                        "type": "object", "required": ["data", "shards", "offers", "share"],
                        "additionalProperties": false,
                        "properties": {
                            "data": {"type": "integer", "minimum": 1}, "shards": {"type": "integer", "minimum": 1},
                            "offers": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                            "share": {"type": "number", "minimum": 0, "maximum": 1}
                        }
                    }
                },
                "legs": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Leg"}},
                "bill": {"$ref": "#/components/schemas/Bill"}, "total": {"$ref": "#/components/schemas/Money"},
                "asset": {"$ref": "#/components/schemas/Asset"},
                "conversion": {"$ref": "#/components/schemas/Conversion"},
                "payable": {"$ref": "#/components/schemas/Statement"},
                "objective": {"type": "number"}, "cheapest": {"type": "number"}, "bound": {"type": "number"},
                "gap": {"type": "number"}, "achieved": {"type": "object"}, "asked": {"type": "object"},
                "ranking": {
                    "type": "object", "required": ["basis", "providers"],
                    "properties": {
                        "basis": {"type": "string"}, "performanceBasis": {"type": "string"},
                        "providers": {
                            "type": "array",
                            "items": {
                                "type": "object", "required": ["provider", "bestOffer", "score", "factors"],
                                "properties": {
                                    "provider": {"type": "string"}, "bestOffer": {"type": "string"},
                                    "score": {"type": "number"},
                                    "factors": {
                                        "type": "array",
                                        "items": {
                                            "type": "object", "required": ["name", "value", "contribution"],
                                            "properties": {
                                                "name": {"type": "string"}, "value": {"type": "number"},
                                                "contribution": {"type": "number"}, "note": {"type": "string"}
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                },
                "eligibility": {
                    "type": "object", "required": ["eligible", "dropped", "droppedByReason"],
                    "additionalProperties": false,
                    "properties": {
                        "eligible": {"type": "integer", "minimum": 0}, "dropped": {"type": "integer", "minimum": 0},
                        "droppedByReason": {"type": "object", "additionalProperties": {"type": "integer"}}
                    }
                },
                "terms": {"$ref": "#/components/schemas/Terms"}, "pins": {"$ref": "#/components/schemas/Pins"},
                "signature": {"type": "string", "pattern": "^[A-Za-z0-9_-]+\\.\\.[A-Za-z0-9_-]+$"}
            }
        },
        "Eligibility": {
            "description": "Which offers may serve a quote's request on today's market, and why the others may not.",
            "type": "object", "required": ["quote", "catalog", "eligible", "rejections"], "additionalProperties": false,
            "properties": {
                "quote": {"type": "string"}, "catalog": {"type": "string"},
                "eligible": {"type": "array", "items": {"type": "string"}},
                "rejections": {
                    "type": "array",
                    "items": {
                        "type": "object", "required": ["offer", "provider", "causes"], "additionalProperties": false,
                        "properties": {
                            "offer": {"type": "string"}, "provider": {"type": "string"},
                            "causes": {
                                "type": "array", "minItems": 1,
                                "items": {
                                    "type": "object", "required": ["reason", "detail"], "additionalProperties": false,
                                    "properties": {"reason": {"type": "string"}, "detail": {"type": "string"}}
                                }
                            }
                        }
                    }
                }
            }
        },
        "Leg": {
            "description": "What one offer holds and costs over the term.", "type": "object",
            "required": ["offer", "provider", "region", "metro", "storageClass", "storedGB", "cost", "lines", "price"],
            "additionalProperties": false,
            "properties": {
                "offer": {"type": "string"}, "provider": {"type": "string"}, "region": {"type": "string"},
                "metro": {"type": "string"}, "storageClass": {"type": "string"},
                "storedGB": {"$ref": "#/components/schemas/Decimal"},
                "storedGBAtEnd": {"$ref": "#/components/schemas/Decimal"},
                "egressGB": {"$ref": "#/components/schemas/Decimal"}, "reads": {"type": "integer", "minimum": 0},
                "writes": {"type": "integer", "minimum": 0},
                "readShares": {"type": "object", "additionalProperties": {"type": "number"}},
                "cost": {"$ref": "#/components/schemas/Money"},
                "lines": {
                    "type": "array",
                    "items": {
                        "type": "object", "required": ["kind", "amount"], "additionalProperties": false,
                        "properties": {"kind": {"type": "string"}, "amount": {"$ref": "#/components/schemas/Money"}}
                    }
                },
                "price": {
                    "description": "Where the price is from.", "type": "object",
                    "required": ["source", "asOf", "verified"], "additionalProperties": false,
                    "properties": {
                        "source": {"type": "string"}, "asOf": {"type": "string"}, "verified": {"type": "string"}
                    }
                }
            }
        },
        "Bill": {
            "type": "object",
            "required": ["migration", "credits", "platformFee", "gateway", "payableByMonth", "largestMonthBeforeCredits"],
            "additionalProperties": false,
            "properties": {
                "migration": {
                    "type": "array",
                    "items": {
                        "type": "object", "required": ["offer", "kind", "amount"],
                        "properties": {
                            "offer": {"type": "string"}, "kind": {"type": "string"},
                            "amount": {"$ref": "#/components/schemas/Money"}
                        }
                    }
                },
                "credits": {
                    "type": "array",
                    "items": {
                        "type": "object", "required": ["provider", "amount"],
                        "properties": {
                            "provider": {"type": "string"}, "amount": {"$ref": "#/components/schemas/Money"}
                        }
                    }
                },
                "platformFee": {"$ref": "#/components/schemas/Money"}, "gateway": {"$ref": "#/components/schemas/Money"},
                "payableByMonth": {"type": "array", "items": {"$ref": "#/components/schemas/Money"}},
                "largestMonthBeforeCredits": {"$ref": "#/components/schemas/Money"}
            }
        },
        "Statement": {
            "description": "Lines that add up to the total.", "type": "object", "required": ["lines", "total"],
            "properties": {
                "lines": {
                    "type": "array",
                    "items": {
                        "type": "object", "required": ["kind", "label", "amount"],
                        "properties": {
                            "kind": {"type": "string"}, "label": {"type": "string"},
                            "amount": {"$ref": "#/components/schemas/Money"}
                        }
                    }
                },
                "total": {"$ref": "#/components/schemas/MoneyOfAsset"}
            }
        },
        "Conversion": {
            "description": "From the tariffs' asset to the one that is paid in.", "type": "object",
            "required": ["from", "fromAsset", "to", "toAsset", "withoutMargin", "margin", "marginBasisPoints", "rates"],
            "properties": {
                "from": {"$ref": "#/components/schemas/Money"}, "fromAsset": {"$ref": "#/components/schemas/Asset"},
                "to": {"$ref": "#/components/schemas/Money"}, "toAsset": {"$ref": "#/components/schemas/Asset"},
                "withoutMargin": {"$ref": "#/components/schemas/Money"}, "margin": {"$ref": "#/components/schemas/Money"},
                "marginBasisPoints": {"type": "integer"},
                "rates": {
                    "type": "array",
                    "items": {
                        "type": "object", "required": ["base", "quote", "rate", "date", "source"],
                        "properties": {
                            "base": {"$ref": "#/components/schemas/Asset"},
                            "quote": {"$ref": "#/components/schemas/Asset"},
                            "rate": {"$ref": "#/components/schemas/Decimal"},
                            "date": {"$ref": "#/components/schemas/Day"}, "time": {"$ref": "#/components/schemas/Time"},
                            "source": {"type": "string"}
                        }
                    }
                }
            }
        },
        "Terms": {
            "description": "What the parties owe: the contract's calls by leg, the repository, promises and payments.",
            "type": "object",
            "required": ["contract", "repository", "enforcedOnChain", "offChain", "legs", "payments"],
            "additionalProperties": false,
            "properties": {
                "contract": {"type": "object", "required": ["name"]},
                "repository": {
                    "type": "object", "required": ["storageType", "mode", "repoBuckets"],
                    "properties": {
                        "storageType": {"type": "string"}, "mode": {"enum": ["NORMAL", "MIRROR"]},
                        "repoBuckets": {
                            "type": "array",
                            "items": {
                                "type": "object", "required": ["offer", "folder", "master"],
                                "properties": {
                                    "offer": {"type": "string"}, "folder": {"type": "string"},
                                    "master": {"type": "boolean"}
                                }
                            }
                        }
                    }
                },
                "enforcedOnChain": {"type": "array", "items": {"type": "string"}},
                "offChain": {"type": "array", "items": {"type": "string"}},
                "legs": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": [
                            "offer", "provider", "createDeal", "setDealFunded", "priceGuard", "priceIs", "sla",
                            "breachProbability"
                        ],
                        "properties": {
                            "offer": {"type": "string"}, "provider": {"type": "string"},
                            "bucket": {"type": "integer"},
                            "createDeal": {"$ref": "#/components/schemas/ContractCall"},
                            "setDealFunded": {"$ref": "#/components/schemas/ContractCall"},
                            "priceGuard": {"$ref": "#/components/schemas/BucketConditions"},
                            "priceIs": {"type": "string"}, "sla": {"type": "array", "items": {"type": "object"}},
                            "breachProbability": {"type": "object"}
                        }
                    }
                },
                "payments": {
                    "type": "array",
                    "items": {
                        "type": "object", "required": ["to", "from", "until", "amount", "feeBasisPoints", "via"],
                        "properties": {
                            "to": {"type": "string"}, "from": {"$ref": "#/components/schemas/Day"},
                            "until": {"$ref": "#/components/schemas/Day"},
                            "amount": {"$ref": "#/components/schemas/MoneyOfAsset"},
                            "paid": {"$ref": "#/components/schemas/MoneyOfAsset"},
                            "feeBasisPoints": {"type": "integer"}, "via": {"type": ["string", "object"]}
                        }
                    }
                }
            }
        },
        "ContractCall": {
            "description": "A call of the marketplace contract, its arguments in the order of the signature.",
            "type": "object", "required": ["function", "arguments"], "additionalProperties": false,
            "properties": {
                "function": {"type": "string"},
                "arguments": {
                    "type": "array",
                    "items": {
                        "type": "object", "required": ["name", "type", "value"], "additionalProperties": false,
                        "properties": {
                            "name": {"type": "string"}, "type": {"type": "string"},
                            "value": {"type": ["string", "number", "null"]}
                        }
                    }
                }
            }
        },
        "BucketConditions": {
            "description": "Prices and promises of a bucket in the contract's integers.", "type": "object",
            "required": ["price_per_gb_storage", "price_per_gb_egress", "sla_avg_uptime_pct"],
            "additionalProperties": false,
            "properties": {
                "price_per_gb_storage": {"$ref": "#/components/schemas/Integer"},
                "price_per_gb_egress": {"$ref": "#/components/schemas/Integer"},
                "sla_avg_latency_ms": {"type": "integer", "minimum": 0},
                "sla_avg_uptime_pct": {"type": "integer", "minimum": 0}
            }
        },
        "Pins": {
            "description": "What the answer was made from: the same inputs give the same bytes.", "type": "object",
            "required": ["catalog", "model", "inputHash"], "additionalProperties": false,
            "properties": {
                "catalog": {"type": "string"}, "model": {"type": "string"}, "performance": {"type": "string"},
                "inputHash": {"type": "string"}
            }
        }
        }
        """#
}
