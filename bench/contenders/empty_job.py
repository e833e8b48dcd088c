"""An empty Python script that loads one block."""

from prefect_aws import S3Bucket

print(S3Bucket.load("bench").bucket_name)
