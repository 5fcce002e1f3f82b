"""The places: metropolitan areas, the provider regions that lie in them, and the regions readers are in.

Writes metros.csv, provider-regions.csv and reader-regions.csv. City coordinates are rounded to a tenth of a degree:
they serve the latency estimate and nothing finer.
"""

import csv

# name, country, continent, further jurisdictions, latitude, longitude
METROS = {
    # Europe
    "amsterdam": ("Amsterdam", "NL", "EU", "EU", 52.4, 4.9),
    "berlin": ("Berlin", "DE", "EU", "EU", 52.5, 13.4),
    "cardiff": ("Cardiff", "GB", "EU", "", 51.5, -3.2),
    "dublin": ("Dublin", "IE", "EU", "EU", 53.3, -6.3),
    "eemshaven": ("Eemshaven", "NL", "EU", "EU", 53.4, 6.8),
    "falkenstein": ("Falkenstein", "DE", "EU", "EU", 50.5, 12.4),
    "frankfurt": ("Frankfurt am Main", "DE", "EU", "EU", 50.1, 8.7),
    "gavle": ("Gävle", "SE", "EU", "EU", 60.7, 17.1),
    "geneva": ("Geneva", "CH", "EU", "", 46.2, 6.1),
    "gravelines": ("Gravelines", "FR", "EU", "EU", 51.0, 2.1),
    "hamina": ("Hamina", "FI", "EU", "EU", 60.6, 27.2),
    "helsinki": ("Helsinki", "FI", "EU", "EU", 60.2, 24.9),
    "lille": ("Lille and Roubaix", "FR", "EU", "EU", 50.7, 3.2),
    "london": ("London", "GB", "EU", "", 51.5, -0.1),
    "madrid": ("Madrid", "ES", "EU", "EU", 40.4, -3.7),
    "malmo": ("Malmö", "SE", "EU", "EU", 55.6, 13.0),
    "marseille": ("Marseille", "FR", "EU", "EU", 43.3, 5.4),
    "milan": ("Milan", "IT", "EU", "EU", 45.5, 9.2),
    "nuremberg": ("Nuremberg", "DE", "EU", "EU", 49.5, 11.1),
    "oslo": ("Oslo", "NO", "EU", "", 59.9, 10.8),
    "paris": ("Paris", "FR", "EU", "EU", 48.9, 2.4),
    "saint-ghislain": ("Saint-Ghislain", "BE", "EU", "EU", 50.4, 3.8),
    "stavanger": ("Stavanger", "NO", "EU", "", 59.0, 5.7),
    "stockholm": ("Stockholm", "SE", "EU", "EU", 59.3, 18.1),
    "strasbourg": ("Strasbourg", "FR", "EU", "EU", 48.6, 7.8),
    "turin": ("Turin", "IT", "EU", "EU", 45.1, 7.7),
    "warsaw": ("Warsaw", "PL", "EU", "EU", 52.2, 21.0),
    "zaragoza": ("Zaragoza", "ES", "EU", "EU", 41.7, -0.9),
    "zurich": ("Zürich", "CH", "EU", "", 47.4, 8.5),
    # North America
    "ashburn": ("Ashburn and Northern Virginia", "US", "NA", "", 39.0, -77.5),
    "atlanta": ("Atlanta", "US", "NA", "", 33.7, -84.4),
    "boardman": ("Boardman, Oregon", "US", "NA", "", 45.8, -119.7),
    "boydton": ("Boydton, Virginia", "US", "NA", "", 36.7, -78.4),
    "calgary": ("Calgary", "CA", "NA", "", 51.0, -114.1),
    "cheyenne": ("Cheyenne, Wyoming", "US", "NA", "", 41.1, -104.8),
    "chicago": ("Chicago", "US", "NA", "", 41.9, -87.6),
    "columbus": ("Columbus, Ohio", "US", "NA", "", 40.0, -83.0),
    "council-bluffs": ("Council Bluffs, Iowa", "US", "NA", "", 41.3, -95.9),
    "dallas": ("Dallas", "US", "NA", "", 32.8, -96.8),
    "des-moines": ("Des Moines, Iowa", "US", "NA", "", 41.6, -93.6),
    "las-vegas": ("Las Vegas", "US", "NA", "", 36.2, -115.1),
    "los-angeles": ("Los Angeles", "US", "NA", "", 34.1, -118.2),
    "miami": ("Miami", "US", "NA", "", 25.8, -80.2),
    "moncks-corner": ("Moncks Corner, South Carolina", "US", "NA", "", 33.2, -80.0),
    "montreal": ("Montréal", "CA", "NA", "", 45.5, -73.6),
    "new-york": ("New York and Newark", "US", "NA", "", 40.7, -74.0),
    "phoenix": ("Phoenix", "US", "NA", "", 33.4, -112.1),
    "portland": ("Portland and Hillsboro, Oregon", "US", "NA", "", 45.5, -122.8),
    "quebec-city": ("Québec City", "CA", "NA", "", 46.8, -71.2),
    "queretaro": ("Querétaro", "MX", "NA", "", 20.6, -100.4),
    "quincy": ("Quincy, Washington", "US", "NA", "", 47.2, -119.9),
    "sacramento": ("Sacramento", "US", "NA", "", 38.6, -121.5),
    "salt-lake-city": ("Salt Lake City", "US", "NA", "", 40.8, -111.9),
    "san-antonio": ("San Antonio", "US", "NA", "", 29.4, -98.5),
    "san-francisco": ("San Francisco Bay Area", "US", "NA", "", 37.4, -122.0),
    "seattle": ("Seattle", "US", "NA", "", 47.6, -122.3),
    "the-dalles": ("The Dalles, Oregon", "US", "NA", "", 45.6, -121.2),
    "toronto": ("Toronto", "CA", "NA", "", 43.7, -79.4),
    # South America
    "rio-de-janeiro": ("Rio de Janeiro", "BR", "SA", "", -22.9, -43.2),
    "santiago": ("Santiago", "CL", "SA", "", -33.4, -70.7),
    "sao-paulo": ("São Paulo", "BR", "SA", "", -23.6, -46.6),
    # Africa
    "cape-town": ("Cape Town", "ZA", "AF", "", -33.9, 18.4),
    "johannesburg": ("Johannesburg", "ZA", "AF", "", -26.2, 28.0),
    # Asia
    "abu-dhabi": ("Abu Dhabi", "AE", "AS", "", 24.5, 54.4),
    "bangkok": ("Bangkok", "TH", "AS", "", 13.8, 100.5),
    "busan": ("Busan", "KR", "AS", "", 35.2, 129.1),
    "changhua": ("Changhua", "TW", "AS", "", 24.1, 120.5),
    "chennai": ("Chennai", "IN", "AS", "", 13.1, 80.3),
    "dammam": ("Dammam", "SA", "AS", "", 26.4, 50.1),
    "delhi": ("Delhi", "IN", "AS", "", 28.6, 77.2),
    "doha": ("Doha", "QA", "AS", "", 25.3, 51.5),
    "dubai": ("Dubai", "AE", "AS", "", 25.2, 55.3),
    "hong-kong": ("Hong Kong", "HK", "AS", "", 22.3, 114.2),
    "hyderabad": ("Hyderabad", "IN", "AS", "", 17.4, 78.5),
    "jakarta": ("Jakarta", "ID", "AS", "", -6.2, 106.8),
    "jamnagar": ("Jamnagar", "IN", "AS", "", 22.5, 70.1),
    "kuala-lumpur": ("Kuala Lumpur", "MY", "AS", "", 3.1, 101.7),
    "manama": ("Manama", "BH", "AS", "", 26.2, 50.6),
    "mumbai": ("Mumbai", "IN", "AS", "", 19.1, 72.9),
    "nagpur": ("Nagpur", "IN", "AS", "", 21.1, 79.1),
    "osaka": ("Osaka", "JP", "AS", "", 34.7, 135.5),
    "pune": ("Pune", "IN", "AS", "", 18.5, 73.9),
    "seoul": ("Seoul", "KR", "AS", "", 37.6, 127.0),
    "singapore": ("Singapore", "SG", "AS", "", 1.4, 103.8),
    "tel-aviv": ("Tel Aviv", "IL", "AS", "", 32.1, 34.8),
    "tokyo": ("Tokyo", "JP", "AS", "", 35.7, 139.7),
    # Oceania
    "canberra": ("Canberra", "AU", "OC", "", -35.3, 149.1),
    "melbourne": ("Melbourne", "AU", "OC", "", -37.8, 145.0),
    "sydney": ("Sydney", "AU", "OC", "", -33.9, 151.2),
    # Areas that a provider names without naming a city. The coordinates are a representative point for the latency
    # estimate; only what the provider guarantees is a jurisdiction.
    "gcs-asia": ("Google Cloud Storage multi-region Asia", "ZZ", "AS", "GLOBAL", 24.1, 120.5),
    "gcs-eu": ("Google Cloud Storage multi-region EU", "ZZ", "EU", "EU", 50.4, 3.8),
    "gcs-eur4": ("Google Cloud Storage dual-region Finland and Netherlands", "ZZ", "EU", "EU", 60.6, 27.2),
    "r2-apac": ("Cloudflare R2 hint Asia-Pacific", "ZZ", "AS", "GLOBAL", 1.4, 103.8),
    "r2-eeur": ("Cloudflare R2 hint Eastern Europe", "ZZ", "EU", "GLOBAL", 52.2, 21.0),
    "r2-enam": ("Cloudflare R2 hint Eastern North America", "ZZ", "NA", "GLOBAL", 39.0, -77.5),
    "r2-eu": ("Cloudflare R2 jurisdiction European Union", "ZZ", "EU", "EU", 50.1, 8.7),
    "r2-oc": ("Cloudflare R2 hint Oceania", "ZZ", "OC", "GLOBAL", -33.9, 151.2),
    "r2-weur": ("Cloudflare R2 hint Western Europe", "ZZ", "EU", "GLOBAL", 50.1, 8.7),
    "r2-wnam": ("Cloudflare R2 hint Western North America", "ZZ", "NA", "GLOBAL", 37.4, -122.0),
    # Networks without a place: latency is unknown.
    "filecoin-network": ("Filecoin network", "ZZ", "ZZ", "GLOBAL", None, None),
    "storj-network": ("Storj network", "ZZ", "ZZ", "GLOBAL", None, None),
    "storj-us-select": ("Storj nodes in the United States", "US", "NA", "", None, None),
}

DOCUMENTED = "provider documentation, as commonly known"
ROW = "named in the price data"
HINT = "location hint: best effort, place not published; representative point"

# provider -> (source of the places, region -> metro)
AWS = {
    "af-south-1": "cape-town", "ap-east-1": "hong-kong", "ap-northeast-1": "tokyo", "ap-northeast-2": "seoul",
    "ap-northeast-3": "osaka", "ap-south-1": "mumbai", "ap-south-2": "hyderabad", "ap-southeast-1": "singapore",
    "ap-southeast-2": "sydney", "ap-southeast-3": "jakarta", "ap-southeast-4": "melbourne",
    "ca-central-1": "montreal", "eu-central-1": "frankfurt", "eu-central-2": "zurich", "eu-north-1": "stockholm",
    "eu-south-1": "milan", "eu-south-2": "zaragoza", "eu-west-1": "dublin", "eu-west-2": "london",
    "eu-west-3": "paris", "me-central-1": "dubai", "me-south-1": "manama", "sa-east-1": "sao-paulo",
    "us-east-1": "ashburn", "us-east-2": "columbus", "us-west-1": "san-francisco", "us-west-2": "boardman",
}

# Regions of the round-trip measurements for which the price data has no offer.
AWS_MEASURED_ONLY = {
    "ap-southeast-5": "kuala-lumpur", "ap-southeast-7": "bangkok", "ca-west-1": "calgary",
    "il-central-1": "tel-aviv", "mx-central-1": "queretaro",
}

GCP = {
    "africa-south1": "johannesburg", "asia-east1": "changhua", "asia-east2": "hong-kong",
    "asia-northeast1": "tokyo", "asia-northeast2": "osaka", "asia-northeast3": "seoul", "asia-south1": "mumbai",
    "asia-south2": "delhi", "asia-southeast1": "singapore", "asia-southeast2": "jakarta",
    "asia-southeast3": "bangkok", "australia-southeast1": "sydney", "australia-southeast2": "melbourne",
    "europe-central2": "warsaw", "europe-north1": "hamina", "europe-north2": "stockholm",
    "europe-southwest1": "madrid", "europe-west1": "saint-ghislain", "europe-west10": "berlin",
    "europe-west12": "turin", "europe-west2": "london", "europe-west3": "frankfurt", "europe-west4": "eemshaven",
    "europe-west6": "zurich", "europe-west8": "milan", "europe-west9": "paris", "me-central1": "doha",
    "me-central2": "dammam", "me-west1": "tel-aviv", "northamerica-northeast1": "montreal",
    "northamerica-northeast2": "toronto", "northamerica-south1": "queretaro", "southamerica-east1": "sao-paulo",
    "southamerica-west1": "santiago", "us-central1": "council-bluffs", "us-east1": "moncks-corner",
    "us-east4": "ashburn", "us-east5": "columbus", "us-south1": "dallas", "us-west1": "the-dalles",
    "us-west2": "los-angeles", "us-west3": "salt-lake-city", "us-west4": "las-vegas",
    # Dual- and multi-regions: the first region's metro where all lie in one country, else an area of its own,
    # so that no residency is claimed that the provider does not guarantee.
    "asia1": "tokyo", "nam4": "council-bluffs", "us-multi": "council-bluffs",
    "eur4": "gcs-eur4", "europe-multi": "gcs-eu", "asia-multi": "gcs-asia",
}

AZURE = {
    "australiacentral": "canberra", "australiacentral2": "canberra", "australiaeast": "sydney",
    "australiasoutheast": "melbourne", "brazilsouth": "sao-paulo", "brazilsoutheast": "rio-de-janeiro",
    "canadacentral": "toronto", "canadaeast": "quebec-city", "centralindia": "pune", "centralus": "des-moines",
    "eastasia": "hong-kong", "eastus": "ashburn", "eastus2": "boydton", "francecentral": "paris",
    "francesouth": "marseille", "germanynorth": "berlin", "germanywestcentral": "frankfurt", "japaneast": "tokyo",
    "japanwest": "osaka", "jioindiacentral": "nagpur", "jioindiawest": "jamnagar", "koreacentral": "seoul",
    "koreasouth": "busan", "northcentralus": "chicago", "northeurope": "dublin", "norwayeast": "oslo",
    "norwaywest": "stavanger", "qatarcentral": "doha", "southafricanorth": "johannesburg",
    "southafricawest": "cape-town", "southcentralus": "san-antonio", "southeastasia": "singapore",
    "southindia": "chennai", "swedencentral": "gavle", "swedensouth": "malmo", "switzerlandnorth": "zurich",
    "switzerlandwest": "geneva", "uaecentral": "abu-dhabi", "uaenorth": "dubai", "uksouth": "london",
    "ukwest": "cardiff", "westcentralus": "cheyenne", "westeurope": "amsterdam", "westindia": "mumbai",
    "westus": "san-francisco", "westus2": "quincy", "westus3": "phoenix",
}

REGIONS = {
    "aws": (DOCUMENTED, AWS),
    "azure": (DOCUMENTED, AZURE),
    "gcp": (DOCUMENTED, GCP),
    "akamai-linode": ("region list of the Linode documentation as quoted in iterate-ch/profiles issue 70 (2023-11)", {
        "ap-south-1": "singapore", "br-gru-1": "sao-paulo", "eu-central-1": "frankfurt", "fr-par-1": "paris",
        "id-cgk-1": "jakarta", "in-maa-1": "chennai", "it-mil-1": "milan", "jp-osa-1": "osaka",
        "nl-ams-1": "amsterdam", "se-sto-1": "stockholm", "us-east-1": "new-york", "us-iad-1": "ashburn",
        "us-lax-1": "los-angeles", "us-mia-1": "miami", "us-ord-1": "chicago", "us-sea-1": "seattle",
        "us-southeast-1": "atlanta"}),
    "backblaze": (DOCUMENTED, {
        "ca-east": "toronto", "eu-central": "amsterdam", "us-east": "ashburn", "us-west": "sacramento"}),
    "cloudflare": (HINT, {
        "apac": "r2-apac", "eeur": "r2-eeur", "enam": "r2-enam", "eu": "r2-eu", "oc": "r2-oc", "weur": "r2-weur",
        "wnam": "r2-wnam"}),
    "digitalocean": (ROW, {
        "ams3": "amsterdam", "fra1": "frankfurt", "nyc3": "new-york", "sfo3": "san-francisco", "sgp1": "singapore",
        "syd1": "sydney"}),
    "filecoin": ("storage provider chosen per data set: no place", {"network": "filecoin-network"}),
    "hetzner": (ROW, {"fsn1": "falkenstein", "hel1": "helsinki", "nbg1": "nuremberg"}),
    "ibm": (DOCUMENTED, {
        "ca-tor": "toronto", "eu-de": "frankfurt", "eu-es": "madrid", "eu-gb": "london", "jp-osa": "osaka",
        "jp-tok": "tokyo", "us-east": "ashburn", "us-south": "dallas"}),
    "idrive": (DOCUMENTED + "; named by place, as the provider's region codes could not be confirmed", {
        "chicago": "chicago", "dallas": "dallas", "frankfurt": "frankfurt", "ireland": "dublin",
        "london": "london", "los-angeles": "los-angeles", "miami": "miami", "montreal": "montreal",
        "oregon": "portland", "paris": "paris", "phoenix": "phoenix", "san-jose": "san-francisco",
        "virginia": "ashburn"}),
    "ovh": (DOCUMENTED, {
        "de": "frankfurt", "gra": "gravelines", "rbx": "lille", "sbg": "strasbourg", "waw": "warsaw"}),
    "scaleway": (ROW, {"fr-par": "paris"}),
    "storj": ("data is spread over nodes: no place", {"global": "storj-network", "us-select": "storj-us-select"}),
    "wasabi": (DOCUMENTED, {
        "ap-northeast-1": "tokyo", "ap-northeast-2": "osaka", "ap-southeast-1": "singapore",
        "ap-southeast-2": "sydney", "ca-central-1": "toronto", "eu-central-1": "amsterdam",
        "eu-central-2": "frankfurt", "eu-south-1": "milan", "eu-west-1": "london", "eu-west-2": "paris",
        "us-central-1": "dallas", "us-east-1": "ashburn", "us-east-2": "ashburn", "us-west-1": "portland"}),
}

# slug -> (name, metro). Every anchor is a metro with round-trip measurements.
READERS = {
    "africa-south": ("Southern Africa", "cape-town"),
    "ap-east": ("Hong Kong and Southern China", "hong-kong"),
    "ap-northeast": ("Korea", "seoul"),
    "ap-southeast": ("South-East Asia", "singapore"),
    "ap-southeast-2": ("Australia and New Zealand", "sydney"),
    "ap-southeast-3": ("Indonesia", "jakarta"),
    "ca-central": ("Canada", "montreal"),
    "eu-central": ("Central Europe", "frankfurt"),
    "eu-north": ("Northern Europe", "stockholm"),
    "eu-south": ("Southern Europe", "milan"),
    "eu-southwest": ("Iberia", "zaragoza"),
    "eu-west": ("Western Europe", "paris"),
    "in-south": ("Southern India", "hyderabad"),
    "in-west": ("Western India", "mumbai"),
    "ireland": ("Ireland", "dublin"),
    "japan": ("Japan", "tokyo"),
    "me-central": ("Gulf", "dubai"),
    "me-west": ("Levant", "tel-aviv"),
    "mx-central": ("Mexico", "queretaro"),
    "na-central": ("Central North America", "columbus"),
    "na-east": ("Eastern North America", "ashburn"),
    "na-west": ("Western North America", "san-francisco"),
    "sa-east": ("Brazil", "sao-paulo"),
    "uk": ("United Kingdom", "london"),
}


def write_csv(path, header, rows):
    """Writes rows below a header: UTF-8, LF, quotes only where needed."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def derive(folder):
    """Writes the three files into `folder`."""
    metros = []
    for slug, (name, country, continent, groups, latitude, longitude) in sorted(METROS.items()):
        jurisdictions = [code for code in [country, *groups.split("|")] if code and code != "ZZ"]
        place = ["", ""] if latitude is None else [f"{latitude:.1f}", f"{longitude:.1f}"]
        metros.append([slug, name, country, continent, "|".join(jurisdictions), *place])
    write_csv(folder / "metros.csv",
              ["metro", "name", "country", "continent", "jurisdictions", "latitude", "longitude"], metros)

    regions = [[provider, region, metro, HINT if provider == "cloudflare" and region != "eu" else
                "jurisdiction guaranteed, place not published; representative point" if provider == "cloudflare" else
                source]
               for provider, (source, places) in sorted(REGIONS.items())
               for region, metro in sorted(places.items())]
    write_csv(folder / "provider-regions.csv", ["provider", "region", "metro", "source"], regions)

    write_csv(folder / "reader-regions.csv", ["region", "name", "metro"],
              [[slug, name, metro] for slug, (name, metro) in sorted(READERS.items())])
