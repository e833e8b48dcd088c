from prefect_aws import AwsCredentials
from prefect_aws.s3 import S3Bucket

credentials = AwsCredentials(aws_access_key_id="key", aws_secret_access_key="not-a-real-secret")
credentials.save("bench", overwrite=True)
S3Bucket(bucket_name="bench-bucket", credentials=credentials).save("bench", overwrite=True)
