"""Trains implicit ALS on Apache Spark (MLlib): ratings in, factors out, both through the driver's own disk.

usage: spark-als.py JOB.json

JOB.json names "ratings" (little-endian records of int32 user, int32 item, float32 rating), "factors" (the safetensors
file to write), "users", "items", "rank", "iterations", "regularization", "alpha", "seed", "master" and "memory". A
rating is a confidence; below zero it is confidence in a dislike. Workers need no file of the driver's.

The process ends when its standard input does: a driver must not outlive the job that started it.
"""
import array
import json
import os
import struct
import sys
import threading


def end_with_parent():
    """Ends this process at the end of standard input."""
    # Not by sys.stdin: its lock would be held when the interpreter ends.
    while os.read(0, 4096):
        pass
    os._exit(1)


def say(text):
    print(text, file=sys.stderr, flush=True)


def read_ratings(path):
    """The records as tuples that Spark takes."""
    with open(path, "rb") as file:
        data = file.read()
    return list(struct.iter_unpack("<iif", data))


def dense(rows, count, rank):
    """Rows of (id, features) as count × rank numbers; rows that Spark has no factors for stay zero."""
    values = array.array("f", bytes(4 * count * rank))
    for row in rows:
        if len(row["features"]) != rank or not 0 <= row["id"] < count:
            raise ValueError("Spark returned factors of another shape")
        values[row["id"] * rank:(row["id"] + 1) * rank] = array.array("f", row["features"])
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def write_tensors(path, tensors, metadata):
    """A safetensors file, put in place whole."""
    header, position = {"__metadata__": metadata}, 0
    for name, (shape, data) in tensors.items():
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [position, position + len(data)]}
        position += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".partial", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, data in tensors.values():
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".partial", path)


def main():
    threading.Thread(target=end_with_parent, daemon=True).start()
    with open(sys.argv[1]) as file:
        job = json.load(file)
    try:
        import pyspark
        from pyspark.ml.recommendation import ALS
        from pyspark.sql import SparkSession
        from pyspark.sql.types import FloatType, IntegerType, StructField, StructType
    except ImportError as error:
        say("%s: install pyspark for this Python (make spark), or name another with --python" % error)
        return 4
    spark = (SparkSession.builder.master(job["master"]).appName("retrain")
             .config("spark.driver.memory", job["memory"]).config("spark.executor.memory", job["memory"])
             .config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
             .config("spark.log.level", "ERROR").getOrCreate())
    try:
        schema = StructType([StructField("user", IntegerType(), False), StructField("item", IntegerType(), False),
                             StructField("rating", FloatType(), False)])
        ratings = spark.createDataFrame(read_ratings(job["ratings"]), schema)
        blocks = max(2, min(64, spark.sparkContext.defaultParallelism))
        als = ALS(rank=job["rank"], maxIter=job["iterations"], regParam=job["regularization"], alpha=job["alpha"],
                  implicitPrefs=True, seed=job["seed"], userCol="user", itemCol="item", ratingCol="rating",
                  numUserBlocks=blocks, numItemBlocks=blocks)
        model = als.fit(ratings.repartition(blocks, "user").cache())
        tensors = {}
        for name, frame, count in (("item_factors", model.itemFactors, job["items"]),
                                   ("user_factors", model.userFactors, job["users"])):
            tensors[name] = ([count, job["rank"]], dense(frame.toLocalIterator(), count, job["rank"]))
        write_tensors(job["factors"], tensors, {"engine": "spark " + pyspark.__version__})
    finally:
        spark.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
