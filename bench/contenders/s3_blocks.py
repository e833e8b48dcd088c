"""Prefect's own S3Bucket block, as a whole process."""

import os
import sys

from prefect_aws import AwsCredentials, S3Bucket
from prefect_aws.client_parameters import AwsClientParameters

verb, source, target = sys.argv[1:]
parameters = AwsClientParameters(endpoint_url=os.environ["S3_ENDPOINT"])
credentials = AwsCredentials(region_name="us-east-1", aws_client_parameters=parameters)
bucket = S3Bucket(bucket_name="bench", credentials=credentials)
if verb == "upload":
    bucket.upload_from_path(source, target)
else:
    bucket.upload_from_folder(source, target)
print("done")
