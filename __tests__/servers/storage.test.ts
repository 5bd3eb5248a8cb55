import { GetBucketVersioningCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { runPod, unique } from './pod.ts';

const address = process.env.TEST_S3_URL;
const server = new URL(address ?? 'http://key:secret@127.0.0.1:9000');
const credentials = {
  accessKeyId: decodeURIComponent(server.username),
  secretAccessKey: decodeURIComponent(server.password),
};

const task = (bucket: string, others: Record<string, string> = {}): Record<string, string> => ({
  STORAGE_TYPE: 's3',
  STORAGE_BUCKET: bucket,
  STORAGE_REGION: 'us-east-1',
  STORAGE_ENDPOINT_URL: server.origin,
  STORAGE_ACCESS_KEY_ID: credentials.accessKeyId,
  STORAGE_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  ...others,
});

(address ? describe : describe.skip)(address ? 'S3' : 'S3: TEST_S3_URL is not set, so this did not run', () => {
  const client = new S3Client({ endpoint: server.origin, region: 'us-east-1', forcePathStyle: true, credentials });
  afterAll(() => client.destroy());

  it('gets a private bucket with versions, and a second run changes nothing', async () => {
    const bucket = unique('fresh');
    expect((await runPod('storage', task(bucket))).states).toEqual({ [`Bucket ${bucket}`]: 'created' });
    expect((await fetch(`${server.origin}/${bucket}`)).status).toBe(403);
    expect((await client.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status).toBe('Enabled');
    expect((await runPod('storage', task(bucket))).states).toEqual({ [`Bucket ${bucket}`]: 'unchanged' });
  });

  it('leaves versioning off where somebody turned it off', async () => {
    const bucket = unique('off');
    await runPod('storage', task(bucket));
    const off = { Bucket: bucket, VersioningConfiguration: { Status: 'Suspended' } } as const;
    await client.send(new PutBucketVersioningCommand(off));
    expect((await runPod('storage', task(bucket))).states).toEqual({ [`Bucket ${bucket}`]: 'unchanged' });
    expect((await client.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status).toBe('Suspended');
  });

  it.each([
    ['an unknown key', { STORAGE_ACCESS_KEY_ID: 'UNKNOWN' }, 'storage-'],
    ['a wrong secret', { STORAGE_SECRET_ACCESS_KEY: 'hidden-secret' }, 'storage-'],
  ])('says what is wrong: %s', async (_, wrong, code) => {
    const result = await runPod('storage', task(unique('wrong'), wrong));
    expect(result.code).toBe(1);
    expect(result.error?.code).toContain(code);
    expect(result.error?.host).toBe(server.host);
    expect(result.output).not.toContain('hidden-secret');
  });
});
