import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketCorsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { runPod } from '../provisioners/pod.ts';
import { unique } from '../provisioners/test-pod.ts';

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

  it("lets everybody read objects and nobody list them, keeps others' statements, and takes origins if it can", async () => {
    const bucket = unique('public');
    const open = {
      STORAGE_MAKE_PUBLIC: 'true',
      STORAGE_CORS_ORIGINS: 'https://lms.example.org,https://cms.example.org',
    };
    await runPod('storage', task(bucket));
    const theirs = {
      Sid: 'Theirs',
      Effect: 'Deny',
      Principal: { AWS: ['*'] },
      Action: ['s3:GetObject'],
      Resource: [`arn:aws:s3:::${bucket}/secret/*`],
    };
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [theirs] });
    await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
    const result = await runPod('storage', task(bucket, open));
    expect(result.states).toEqual({ [`Bucket ${bucket}`]: 'updated' });
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'logo.png', Body: 'a picture' }));
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'secret/exam.xml', Body: 'an exam' }));
    const statuses = ['/logo.png', '/secret/exam.xml', ''].map(
      async (path) => (await fetch(`${server.origin}/${bucket}${path}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 403, 403]);
    const { Policy = '' } = await client.send(new GetBucketPolicyCommand({ Bucket: bucket }));
    expect(JSON.parse(Policy)).toMatchObject({ Statement: expect.arrayContaining([theirs]) });
    const cors = await client.send(new GetBucketCorsCommand({ Bucket: bucket })).catch(() => undefined);
    if (cors === undefined) expect(result.output).toContain('does not have CORS rules');
    else expect(cors.CORSRules?.at(-1)?.AllowedOrigins).toEqual(open.STORAGE_CORS_ORIGINS.split(','));
    expect((await runPod('storage', task(bucket, open))).states).toEqual({ [`Bucket ${bucket}`]: 'unchanged' });
  });

  it('is deleted with more than 1000 objects, versions, markers and unfinished uploads, and no bucket of a similar name', async () => {
    const bucket = unique('gone');
    const other = `${bucket}-b`;
    for (const name of [bucket, other]) await runPod('storage', task(name));
    const put = (Key: string) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'contents' }));
    const keys = Array.from({ length: 1010 }, (_, index) => `courses/${index} &<é>.png`);
    const versions = [...keys, ...keys.slice(0, 20)];
    while (versions.length > 0) await Promise.all(versions.splice(0, 20).map(put));
    for (const Key of keys.slice(0, 5)) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'big.bin' }));
    const deprovision = { OPERATION: 'deprovision' };
    const first = await runPod('storage', task(bucket, deprovision));
    expect(first.error).toBeUndefined();
    expect(first.states).toEqual({ [`Bucket ${bucket}`]: 'deleted' });
    await expect(client.send(new HeadBucketCommand({ Bucket: bucket }))).rejects.toMatchObject({ name: 'NotFound' });
    await client.send(new HeadBucketCommand({ Bucket: other }));
    expect((await runPod('storage', task(bucket, deprovision))).states).toEqual({ [`Bucket ${bucket}`]: 'absent' });
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
