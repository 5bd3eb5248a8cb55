import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startS3 } from '../../sandbox/storage/s3.ts';
import { runPod } from '../provisioners/pod.ts';

it("the sandbox's S3 checks signatures, knows owners, and refuses all others", async () => {
  const [mine, theirs] = [
    { accessKeyId: 'MINE', secretAccessKey: 'secret-1' },
    { accessKeyId: 'THEIRS', secretAccessKey: 'secret-2' },
  ];
  const server = await startS3([mine, theirs]);
  const client = (credentials: typeof mine) =>
    new S3Client({ endpoint: server.url, region: 'us-east-1', forcePathStyle: true, credentials });
  const [me, them, forger] = [client(mine), client(theirs), client({ ...mine, secretAccessKey: 'guessed' })];
  await me.send(new CreateBucketCommand({ Bucket: 'my-bucket' }));
  await me.send(new HeadBucketCommand({ Bucket: 'my-bucket' }));
  await expect(me.send(new CreateBucketCommand({ Bucket: 'my-bucket' }))).rejects.toMatchObject({
    name: 'BucketAlreadyOwnedByYou',
  });
  await expect(them.send(new CreateBucketCommand({ Bucket: 'my-bucket' }))).rejects.toMatchObject({
    name: 'BucketAlreadyExists',
  });
  await expect(them.send(new HeadBucketCommand({ Bucket: 'my-bucket' }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 403 },
  });
  await expect(forger.send(new CreateBucketCommand({ Bucket: 'x-bucket' }))).rejects.toMatchObject({
    name: 'SignatureDoesNotMatch',
  });
  await expect(me.send(new GetBucketPolicyCommand({ Bucket: 'my-bucket' }))).rejects.toMatchObject({
    name: 'NoSuchBucketPolicy',
  });
  await expect(me.send(new PutBucketPolicyCommand({ Bucket: 'my-bucket', Policy: 'everybody' }))).rejects.toMatchObject(
    { name: 'MalformedPolicy' },
  );
  await expect(me.send(new GetBucketEncryptionCommand({ Bucket: 'my-bucket' }))).rejects.toMatchObject({
    name: 'NotImplemented',
  });
  expect((await fetch(`${server.url}/my-bucket`)).status).toBe(403);

  const task = {
    STORAGE_TYPE: 's3',
    STORAGE_BUCKET: 'my-bucket',
    STORAGE_REGION: 'us-east-1',
    STORAGE_ENDPOINT_URL: server.url,
  };
  const foreign = await runPod('storage', {
    ...task,
    STORAGE_ACCESS_KEY_ID: 'THEIRS',
    STORAGE_SECRET_ACCESS_KEY: 'secret-2',
  });
  expect(foreign.error).toMatchObject({
    code: 'storage-bucket-foreign',
    message: expect.stringContaining('belongs to somebody else'),
  });
  const denied = await runPod('storage', {
    ...task,
    STORAGE_BUCKET: 'new-bucket',
    STORAGE_ACCESS_KEY_ID: 'MINE',
    STORAGE_SECRET_ACCESS_KEY: 'guessed',
  });
  expect(denied.code).toBe(1);
  for (const one of [me, them, forger]) one.destroy();
  await server.stop();
});

it("the sandbox's AWS answers 200 to making one's own bucket again in us-east-1 only, and checks the region", async () => {
  const key = { accessKeyId: 'MINE', secretAccessKey: 'secret-1' };
  const create = async (region: string, location?: 'eu-west-1' | 'eu-central-1') => {
    const server = await startS3([key], { flavour: 'aws', region });
    const client = new S3Client({ endpoint: server.url, region, forcePathStyle: true, credentials: key });
    const command = new CreateBucketCommand({
      Bucket: 'my-bucket',
      ...(location === undefined ? {} : { CreateBucketConfiguration: { LocationConstraint: location } }),
    });
    try {
      await client.send(command);
      await client.send(command);
      return 'made twice';
    } catch (error) {
      return error instanceof Error ? error.name : 'nothing known';
    } finally {
      client.destroy();
      await server.stop();
    }
  };
  expect(await create('us-east-1')).toBe('made twice');
  expect(await create('us-east-1', 'eu-west-1')).toBe('IllegalLocationConstraintException');
  expect(await create('eu-west-1')).toBe('BucketAlreadyOwnedByYou');
  expect(await create('eu-west-1', 'eu-central-1')).toBe('IllegalLocationConstraintException');
});

it("the sandbox's S3 keeps versions and delete markers, and the bucket until the last of them is deleted", async () => {
  const key = { accessKeyId: 'MINE', secretAccessKey: 'secret-1' };
  const server = await startS3([key], { flavour: 'aws' });
  const client = new S3Client({ endpoint: server.url, region: 'us-east-1', forcePathStyle: true, credentials: key });
  const bucket = { Bucket: 'my-bucket' };
  const object = { ...bucket, Key: 'a&b/ü.png' };
  await client.send(new CreateBucketCommand(bucket));
  await client.send(new PutObjectCommand({ ...object, Body: 'before versioning' }));
  await client.send(new PutBucketVersioningCommand({ ...bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  await client.send(new PutObjectCommand({ ...object, Body: 'with versioning' }));
  await client.send(new DeleteObjectCommand(object));
  expect((await client.send(new ListObjectsV2Command(bucket))).Contents).toBeUndefined();
  const first = await client.send(new ListObjectVersionsCommand({ ...bucket, MaxKeys: 2 }));
  expect(first).toMatchObject({ IsTruncated: true, NextKeyMarker: object.Key });
  const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = first;
  const rest = await client.send(new ListObjectVersionsCommand({ ...bucket, KeyMarker, VersionIdMarker }));
  expect(rest.Versions?.map(({ VersionId }) => VersionId)).toEqual(['null']);
  await expect(client.send(new DeleteBucketCommand(bucket))).rejects.toMatchObject({ name: 'BucketNotEmpty' });
  const contentOf = async () => (await client.send(new GetObjectCommand(object))).Body?.transformToString();
  await expect(contentOf()).rejects.toMatchObject({ name: 'NoSuchKey' });
  const marker = { ...object, VersionId: first.DeleteMarkers?.[0]?.VersionId };
  await client.send(new DeleteObjectCommand(marker));
  expect(await contentOf()).toBe('with versioning');
  const all = [...(first.Versions ?? []), ...(first.DeleteMarkers ?? []), ...(rest.Versions ?? [])];
  const Objects = all.map(({ Key, VersionId }) => ({ Key, VersionId }));
  expect(Objects).toHaveLength(3);
  const { Deleted } = await client.send(new DeleteObjectsCommand({ ...bucket, Delete: { Objects } }));
  expect(Deleted).toEqual(Objects);
  await client.send(new DeleteBucketCommand(bucket));
  await expect(client.send(new ListObjectVersionsCommand(bucket))).rejects.toMatchObject({ name: 'NoSuchBucket' });
  client.destroy();
  await server.stop();
});

it.each([
  ['aws', undefined],
  ['compatible', 'MissingContentMD5'],
  ['spaces', 'MissingContentMD5'],
] as const)(
  "the sandbox's %s takes the SDK's own checksum of a deletion, or asks for Content-MD5",
  async (flavour, name) => {
    const key = { accessKeyId: 'MINE', secretAccessKey: 'secret-1' };
    const server = await startS3([key], { flavour });
    const client = new S3Client({ endpoint: server.url, region: 'us-east-1', forcePathStyle: true, credentials: key });
    await client.send(new CreateBucketCommand({ Bucket: 'my-bucket' }));
    const remove = async (count: number) => {
      const Objects = Array.from({ length: count }, (_, index) => ({ Key: String(index) }));
      await client.send(new DeleteObjectsCommand({ Bucket: 'my-bucket', Delete: { Objects } }));
    };
    const codeOf = (work: Promise<void>) =>
      work.then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.name : 'nothing known'),
      );
    expect(await codeOf(remove(1000))).toBe(name);
    expect(await codeOf(remove(1001))).toBe(name ?? 'MalformedXML');
    client.destroy();
    await server.stop();
  },
);
