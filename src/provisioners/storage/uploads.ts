import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Pod } from '../pod.ts';
import { nameOf, skipped } from './answers.ts';
import type { BucketPlace } from './client.ts';

/** Ends all multipart uploads that were begun and never finished: their parts are in no listing of objects. */
export async function abortUploads(client: S3Client, { bucket }: BucketPlace, pod: Pod): Promise<void> {
  let count = 0;
  let marker = {};
  for (let isLast = false; !isLast; ) {
    const page = await listUploads(client, bucket, marker, pod);
    for (const { Key, UploadId } of page.Uploads ?? []) {
      await abort(client, { Bucket: bucket, Key, UploadId });
      count += 1;
    }
    marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    isLast = page.IsTruncated !== true || page.NextKeyMarker === undefined;
  }
  if (count > 0) pod.log(`Bucket ${bucket}: ${count} unfinished uploads ended.`);
}

async function listUploads(
  client: S3Client,
  bucket: string,
  marker: object,
  pod: Pod,
): Promise<ListMultipartUploadsOutput> {
  try {
    return await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, ...marker }));
  } catch (error) {
    skipped(error, 'a list of unfinished uploads', pod);
    return {};
  }
}

async function abort(
  client: S3Client,
  upload: { Bucket: string; Key: string | undefined; UploadId: string | undefined },
): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand(upload));
  } catch (error) {
    if (nameOf(error) !== 'NoSuchUpload') throw error;
  }
}
