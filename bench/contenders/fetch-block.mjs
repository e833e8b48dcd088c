const path = '/block_types/slug/s3-bucket/block_documents/name/bench?include_secrets=true'
const response = await fetch(process.env.PREFECT_API_URL + path)
const document = await response.json()
console.log(document.data.bucket_name)
