extension Schemas {
    /// What is for sale, and who sells it.
    static let listing = #"""
        {
        "Tiers": {
            "description": "Graduated prices: each holds up to the end of its step.", "type": "array", "minItems": 1,
            "items": {
                "type": "object", "required": ["price"], "additionalProperties": false,
                "properties": {
                    "upTo": {"$ref": "#/components/schemas/Decimal"}, "price": {"$ref": "#/components/schemas/Decimal"}
                }
            }
        },
        "Tariff": {
            "description": "How an offer is billed; what is absent is not published.", "type": "object",
            "required": ["asset", "unit", "storage"], "additionalProperties": false,
            "properties": {
                "asset": {"$ref": "#/components/schemas/Asset"}, "unit": {"enum": ["GB", "GiB"]},
                "storage": {"$ref": "#/components/schemas/Tiers"},
                "egress": {
                    "type": "object", "required": ["tiers"], "additionalProperties": false,
                    "properties": {
                        "tiers": {"$ref": "#/components/schemas/Tiers"},
                        "allowance": {
                            "type": "object", "additionalProperties": false,
                            "properties": {
                                "fixed": {"$ref": "#/components/schemas/Decimal"},
                                "multipleOfStored": {"$ref": "#/components/schemas/Decimal"}
                            }
                        },
                        "limit": {
                            "type": "object", "additionalProperties": false,
                            "properties": {"multipleOfStored": {"$ref": "#/components/schemas/Decimal"}}
                        }
                    }
                },
                "operations": {
                    "type": "object", "additionalProperties": false,
                    "properties": {
                        "writesPer1000": {"$ref": "#/components/schemas/Decimal"},
                        "readsPer1000": {"$ref": "#/components/schemas/Decimal"}
                    }
                },
                "retrieval": {"$ref": "#/components/schemas/Decimal"},
                "monthlyFee": {"$ref": "#/components/schemas/Decimal"},
                "monthlyMinimum": {"$ref": "#/components/schemas/Decimal"},
                "minimumDays": {"type": "integer", "minimum": 0},
                "minimumObjectBytes": {"type": "integer", "minimum": 0},
                "objectOverheadBytes": {"type": "integer", "minimum": 0}
            }
        },
        "Offer": {
            "description": "One thing that can be bought: provider × region × storage class.", "type": "object",
            "required": [
                "id", "provider", "region", "storageClass", "metro", "tariff", "access", "zones", "provenance"
            ],
            "additionalProperties": false,
            "properties": {
                "id": {"type": "string"}, "provider": {"type": "string"}, "region": {"type": "string"},
                "storageClass": {"type": "string"}, "metro": {"type": "string"},
                "tariff": {"$ref": "#/components/schemas/Tariff"},
                "changes": {
                    "type": "array",
                    "items": {
                        "type": "object", "required": ["from", "tariff"], "additionalProperties": false,
                        "properties": {
                            "from": {"$ref": "#/components/schemas/Day"},
                            "tariff": {"$ref": "#/components/schemas/Tariff"}
                        }
                    }
                },
                "availability": {"$ref": "#/components/schemas/Decimal"},
                "durabilityNines": {"type": "integer", "minimum": 0}, "access": {"enum": ["online", "archive"]},
                "zones": {"enum": ["single", "multi"]}, "capacityGB": {"$ref": "#/components/schemas/Decimal"},
                "provenance": {
                    "type": "object", "required": ["source", "asOf", "verified"], "additionalProperties": false,
                    "properties": {
                        "source": {"type": "string"}, "asOf": {"type": "string"}, "verified": {"type": "string"},
                        "notes": {"type": "string"}
                    }
                }
            }
        },
        "Measured": {
            "description": "What was measured in thirty days, by metric, in its unit.", "type": "object",
            "propertyNames": {"$ref": "#/components/schemas/Metric"},
            "additionalProperties": {
                "type": "object", "required": ["count", "mean", "p10", "p50", "p90", "newest"],
                "additionalProperties": false,
                "properties": {
                    "count": {"type": "integer", "minimum": 1}, "mean": {"type": "number"}, "p10": {"type": "number"},
                    "p50": {"type": "number"}, "p90": {"type": "number"},
                    "newest": {"$ref": "#/components/schemas/Time"}
                }
            }
        },
        "ListedOffer": {
            "type": "object",
            "required": [
                "offer", "providerName", "metroName", "country", "continent", "jurisdictions", "apis", "features",
                "certifications", "reputation", "measured"
            ],
            "additionalProperties": false,
            "properties": {
                "offer": {"$ref": "#/components/schemas/Offer"}, "providerName": {"type": "string"},
                "metroName": {"type": "string"}, "country": {"type": "string"}, "continent": {"type": "string"},
                "jurisdictions": {"type": "array", "items": {"type": "string"}},
                "apis": {"type": "array", "items": {"type": "string"}},
                "features": {"type": "array", "items": {"type": "string"}},
                "certifications": {"type": "array", "items": {"type": "string"}},
                "reputation": {"type": "integer", "minimum": 0, "maximum": 100},
                "price": {
                    "description": "What a volume costs a month, without traffic.", "type": "object",
                    "required": ["storageGB", "monthly", "asset"], "additionalProperties": false,
                    "properties": {
                        "storageGB": {"$ref": "#/components/schemas/Decimal"},
                        "monthly": {"$ref": "#/components/schemas/Money"},
                        "perGB": {"$ref": "#/components/schemas/Decimal"},
                        "asset": {"$ref": "#/components/schemas/Asset"}
                    }
                },
                "latencyMs": {"description": "From the readers asked for.", "type": "number", "minimum": 0},
                "measured": {"$ref": "#/components/schemas/Measured"}
            }
        },
        "Listing": {
            "type": "object", "required": ["catalog", "asOf", "total", "offers"], "additionalProperties": false,
            "properties": {
                "catalog": {"type": "string"}, "asOf": {"$ref": "#/components/schemas/Day"},
                "total": {"description": "How many offers all pages have.", "type": "integer", "minimum": 0},
                "offers": {"type": "array", "items": {"$ref": "#/components/schemas/ListedOffer"}},
                "next": {"description": "The cursor of the next page.", "type": "string"}
            }
        },
        "RegisterEntry": {
            "type": "object", "required": ["status", "since", "evidence"], "additionalProperties": false,
            "properties": {
                "status": {"enum": ["certified", "suspended"]}, "since": {"$ref": "#/components/schemas/Day"},
                "until": {"$ref": "#/components/schemas/Day"}, "evidence": {"type": "string"}
            }
        },
        "ProviderProfile": {
            "type": "object",
            "required": [
                "id", "name", "kind", "country", "apis", "features", "certifications", "reputation",
                "assumedAvailability", "standing", "compliance", "measuredPeriod", "offers", "catalog"
            ],
            "additionalProperties": false,
            "properties": {
                "id": {"type": "string"}, "name": {"type": "string"}, "kind": {"type": "string"},
                "country": {"type": "string"}, "apis": {"type": "array", "items": {"type": "string"}},
                "features": {"type": "array", "items": {"type": "string"}},
                "certifications": {"type": "array", "items": {"type": "string"}},
                "reputation": {"type": "integer", "minimum": 0, "maximum": 100},
                "assumedAvailability": {"$ref": "#/components/schemas/Decimal"},
                "standing": {
                    "type": "object", "required": ["asOf", "certified", "history"], "additionalProperties": false,
                    "properties": {
                        "asOf": {"$ref": "#/components/schemas/Day"}, "certified": {"type": "boolean"},
                        "current": {"$ref": "#/components/schemas/RegisterEntry"},
                        "history": {"type": "array", "items": {"$ref": "#/components/schemas/RegisterEntry"}}
                    }
                },
                "compliance": {
                    "type": "object", "required": ["jurisdictions", "locations"], "additionalProperties": false,
                    "properties": {
                        "jurisdictions": {"type": "array", "items": {"type": "string"}},
                        "locations": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "required": ["region", "metro", "name", "country", "continent", "jurisdictions"],
                                "additionalProperties": false,
                                "properties": {
                                    "region": {"type": "string"}, "metro": {"type": "string"},
                                    "name": {"type": "string"}, "country": {"type": "string"},
                                    "continent": {"type": "string"},
                                    "jurisdictions": {"type": "array", "items": {"type": "string"}},
                                    "latitude": {"type": "number"}, "longitude": {"type": "number"}
                                }
                            }
                        }
                    }
                },
                "measuredPeriod": {
                    "type": "object", "required": ["from", "until"], "additionalProperties": false,
                    "properties": {
                        "from": {"$ref": "#/components/schemas/Time"}, "until": {"$ref": "#/components/schemas/Time"}
                    }
                },
                "offers": {"type": "array", "items": {"$ref": "#/components/schemas/ListedOffer"}},
                "catalog": {"type": "string"}
            }
        }
        }
        """#
}
