import { randomUUID } from 'node:crypto'
import { BlobServiceClient } from '@azure/storage-blob'

/** Makes a container of its own and returns its name. */
export async function createContainer(
  connectionString: string,
  name: string = randomUUID(),
): Promise<string> {
  const service = BlobServiceClient.fromConnectionString(connectionString)
  await service.getContainerClient(name).create()
  return name
}
