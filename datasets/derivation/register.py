"""Who the providers are and who is certified: sample input of a platform's operator.

Writes providers.csv and registers.csv. Interfaces and features are what the providers document in public, as commonly
known; certifications are the providers' public claims. An operator checks both before relying on them. An assumed
availability stands in where an offer publishes none; it is an assumption, not a promise of the provider.
"""

from places import write_csv

AS_OF = "2026-11-22"
STATED = "public statements of the provider, as commonly known; to be verified by the operator"
FULL = "versioning|encryption-at-rest|object-lock|lifecycle|replication"

# provider -> name, kind, country, apis, features, certifications, assumed availability
PROVIDERS = {
    "akamai-linode": ("Akamai Cloud (Linode)", "cloud", "US", "s3", "versioning|lifecycle",
                      "ISO27001|PCI-DSS|SOC2", "0.999"),
    "aws": ("Amazon Web Services", "cloud", "US", "s3", FULL, "C5|HIPAA|ISO27001|ISO27017|ISO27018|PCI-DSS|SOC2",
            "0.999"),
    "azure": ("Microsoft Azure", "cloud", "US", "azure-blob", FULL,
              "C5|HIPAA|ISO27001|ISO27017|ISO27018|PCI-DSS|SOC2", "0.999"),
    "backblaze": ("Backblaze B2", "object-store", "US", "s3|native", FULL, "SOC2", "0.999"),
    "cloudflare": ("Cloudflare R2", "object-store", "US", "s3|native", "encryption-at-rest|lifecycle",
                   "ISO27001|ISO27018|PCI-DSS|SOC2", "0.999"),
    "digitalocean": ("DigitalOcean Spaces", "cloud", "US", "s3", "versioning|encryption-at-rest|lifecycle", "SOC2",
                     "0.999"),
    "filecoin": ("Filecoin Onchain Cloud", "decentralized", "ZZ", "native", "possession-proofs", "", "0.99"),
    "gcp": ("Google Cloud Storage", "cloud", "US", "gcs|s3", FULL,
            "C5|HIPAA|ISO27001|ISO27017|ISO27018|PCI-DSS|SOC2", "0.999"),
    "hetzner": ("Hetzner Object Storage", "cloud", "DE", "s3", "versioning|object-lock|lifecycle", "ISO27001",
                "0.999"),
    "ibm": ("IBM Cloud Object Storage", "cloud", "US", "s3", FULL, "C5|HIPAA|ISO27001|ISO27017|ISO27018|PCI-DSS|SOC2",
            "0.999"),
    "idrive": ("IDrive e2", "object-store", "US", "s3", "versioning|encryption-at-rest|object-lock|lifecycle", "SOC2",
               "0.99"),
    "ovh": ("OVHcloud Object Storage", "cloud", "FR", "s3", FULL, "C5|HDS|ISO27001|ISO27017|ISO27018|SOC2", "0.999"),
    "scaleway": ("Scaleway Object Storage", "cloud", "FR", "s3", "versioning|object-lock|lifecycle", "HDS|ISO27001",
                 "0.999"),
    "storj": ("Storj", "decentralized", "US", "s3|native", "versioning|encryption-at-rest|object-lock", "SOC2",
              "0.9995"),
    "wasabi": ("Wasabi Hot Cloud Storage", "object-store", "US", "s3", FULL, "ISO27001|SOC2", "0.999"),
}
REPUTATION = "50"      # where the platform starts every data unit


def derive(folder):
    """Writes the two files."""
    providers = [[slug, *values, REPUTATION, STATED, AS_OF] for slug, values in sorted(PROVIDERS.items())]
    write_csv(folder / "providers.csv",
              ["provider", "name", "kind", "country", "apis", "features", "certifications", "assumed_availability",
               "reputation", "source", "as_of"], providers)
    register = [["storage-provider", slug, "certified", "2026-01-01", "2027-12-31", "sample operator entry"]
                for slug in sorted(PROVIDERS)]
    register.append(["service-provider", "sample-migration-service", "certified", "2026-01-01", "2027-12-31",
                     "sample operator entry"])
    write_csv(folder / "registers.csv", ["kind", "participant", "status", "since", "until", "evidence"], register)
