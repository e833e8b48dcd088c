from prefect_aws.s3 import S3Bucket

print(S3Bucket.load("bench").bucket_name)
