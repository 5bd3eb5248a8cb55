import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { runPod } from './pod.ts';
import { MINE, type S3World, SERVICES, startWorld, stopWorlds, THEIRS, writesSince } from './s3-world.ts';
import { unique } from './test-pod.ts';

afterEach(stopWorlds);

const put = (client: S3Client, Bucket: string, Key: string) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body: 'contents' }));

/** Puts that many objects, some at a time. */
async function fill(client: S3Client, bucket: string, count: number): Promise<void> {
  const keys = Array.from({ length: count }, (_, index) => `courses/${String(index).padStart(5, '0')}.png`);
  while (keys.length > 0) await Promise.all(keys.splice(0, 50).map((key) => put(client, bucket, key)));
}

const isThere = (client: S3Client, bucket: string) =>
  client.send(new HeadBucketCommand({ Bucket: bucket })).then(
    () => true,
    () => false,
  );

/** Requests with that word in the query. */
const asked = ({ server }: S3World, method: string, word: string) =>
  server.requests.filter((request) => request.method === method && new RegExp(`\\b${word}\\b`).test(request.query));

describe.each(SERVICES)('deprovisioning a bucket at $flavour in $region', (options) => {
  it('deletes versions, delete markers, odd names and unfinished uploads, and a second run finds it gone', async () => {
    const world = await startWorld(options);
    const { client } = world;
    const bucket = unique('gone');
    await world.provision(bucket);
    for (const key of ['a.png', 'a.png', 'a b+c&<d>"é/ü.png', 'deleted.png']) await put(client, bucket, key);
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'deleted.png' }));
    const uploads = ['big/one.bin', 'big/one.bin', 'big/two.bin'];
    for (const Key of uploads) await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
    const { Versions, DeleteMarkers } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    expect([Versions?.length, DeleteMarkers?.length]).toEqual([4, 1]);
    await expect(client.send(new DeleteBucketCommand({ Bucket: bucket }))).rejects.toMatchObject({
      name: 'BucketNotEmpty',
    });

    expect(await world.deprovision(bucket)).toBe('deleted');
    expect(await isThere(client, bucket)).toBe(false);
    expect(world.lines).toContain(`Bucket ${bucket}: 5 objects and versions deleted.`);
    expect(world.lines).toContain(`Bucket ${bucket}: 3 unfinished uploads ended.`);
    expect(await world.deprovision(bucket)).toBe('absent');
  });

  it('succeeds where no bucket ever was', async () => {
    const world = await startWorld(options);
    expect(await world.deprovision(unique('never'))).toBe('absent');
  });

  it("leaves somebody else's bucket, with an error that says so", async () => {
    const world = await startWorld(options);
    const bucket = unique('foreign');
    await world.provision(bucket, THEIRS);
    const before = world.server.requests.length;
    await expect(world.deprovision(bucket)).rejects.toMatchObject({
      code: 'storage-bucket-foreign',
      message: expect.stringContaining('belongs to somebody else'),
    });
    expect(writesSince(world, before)).toEqual([]);
  });

  it("leaves another instance's bucket whose name begins with this one's", async () => {
    const world = await startWorld(options);
    const bucket = unique('a');
    for (const name of [bucket, `${bucket}-b`]) {
      await world.provision(name);
      await put(world.client, name, 'a.png');
    }
    expect(await world.deprovision(bucket)).toBe('deleted');
    const { Versions } = await world.client.send(new ListObjectVersionsCommand({ Bucket: `${bucket}-b` }));
    expect(Versions).toHaveLength(1);
  });
});

describe('deprovisioning a bucket', () => {
  it('pages through more than 1000 objects, versions and markers, deletes 1000 at once, and counts them', async () => {
    const world = await startWorld();
    const bucket = unique('many');
    await world.provision(bucket);
    await fill(world.client, bucket, 1005);
    await fill(world.client, bucket, 20);
    for (const Key of ['courses/00000.png', 'courses/00001.png', 'courses/01004.png'])
      await world.client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    expect(await world.deprovision(bucket)).toBe('deleted');
    expect(asked(world, 'POST', 'delete')).toHaveLength(2);
    expect(world.lines).toContain(`Bucket ${bucket}: 1028 objects and versions deleted.`);
  }, 60_000);

  it.each([true, false])(
    'goes on after pages whose items are gone (a service with versions: %j)',
    async (hasVersions) => {
      const world = await startWorld();
      Object.assign(world.server.behaviour, { hasVersions, pageSize: 3 });
      const bucket = unique('pages');
      await world.provision(bucket);
      for (const count of [10, 8, 6]) await fill(world.client, bucket, count);
      for (const Key of ['b', 'a', 'a', 'a', 'a', 'c', 'c'])
        await world.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
      expect(await world.deprovision(bucket)).toBe('deleted');
      expect(world.lines).toContain(`Bucket ${bucket}: ${hasVersions ? 24 : 10} objects and versions deleted.`);
      expect(world.lines).toContain(`Bucket ${bucket}: 7 unfinished uploads ended.`);
      const { requests } = world.server;
      expect(requests.filter(({ method, path }) => method === 'DELETE' && path === `/${bucket}`)).toHaveLength(1);
      expect(world.lines.some((line) => line.includes('does not have versions of objects'))).toBe(!hasVersions);
    },
  );

  it.each(['never on', 'Suspended', 'Enabled'] as const)('empties a bucket whose versioning is %s', async (Status) => {
    const { client, ...world } = await startWorld();
    const bucket = unique('status');
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    await put(client, bucket, 'older.png');
    if (Status !== 'never on')
      await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }));
    for (const key of ['older.png', 'newer.png']) await put(client, bucket, key);
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'newer.png' }));
    expect(await world.deprovision(bucket)).toBe('deleted');
  });

  it('goes on with what a run left that was ended in the middle', async () => {
    const world = await startWorld();
    const bucket = unique('half');
    await world.provision(bucket);
    await fill(world.client, bucket, 20);
    await expect(world.deprovision(bucket, {}, 0)).rejects.toMatchObject({
      code: 'storage-time-up',
      hint: expect.stringContaining('Run again'),
    });
    expect(await isThere(world.client, bucket)).toBe(true);
    expect(await world.deprovision(bucket)).toBe('deleted');
  });

  it('tries again what the service failed to delete, and a bucket that it takes for not empty yet', async () => {
    const world = await startWorld();
    const bucket = unique('again');
    await world.provision(bucket);
    await fill(world.client, bucket, 5);
    Object.assign(world.server.behaviour, { internalErrors: 2, emptyLags: 2 });
    expect(await world.deprovision(bucket)).toBe('deleted');
    expect(world.lines).toContainEqual(expect.stringMatching(/^Deleting bucket .*BucketNotEmpty; attempt 2/));
  });

  it('names a bucket that never becomes empty', async () => {
    const world = await startWorld({}, 1);
    const bucket = unique('never-empty');
    await world.provision(bucket);
    await put(world.client, bucket, 'a.png');
    world.server.behaviour.emptyLags = 1_000_000;
    await expect(world.deprovision(bucket)).rejects.toMatchObject({
      code: 'storage-bucket-not-empty',
      message: expect.stringContaining(bucket),
    });
  });

  it.each([
    ['AccessDenied', 'Access Denied because object protected by object lock.', 'storage-objects-locked', /retention/],
    ['InvalidRequest', 'Object is WORM protected and cannot be overwritten', 'storage-objects-locked', /legal hold/],
    ['AccessDenied', 'Access Denied', 'storage-objects-kept', /s3:DeleteObjectVersion/],
  ])('says which object cannot be deleted and why: %s %s', async (code, message, expected, hint) => {
    const world = await startWorld();
    const bucket = unique('kept');
    await world.provision(bucket);
    for (const key of ['exam.xml', 'other.xml']) await put(world.client, bucket, key);
    world.server.behaviour.undeletable.set('exam.xml', [code, message]);
    await expect(world.deprovision(bucket)).rejects.toMatchObject({
      code: expected,
      message: expect.stringMatching(/object "exam\.xml" cannot be deleted/),
      hint: expect.stringMatching(hint),
    });
    world.server.behaviour.undeletable.clear();
    expect(await world.deprovision(bucket)).toBe('deleted');
  });

  it('does not stop at objects that were deleted meanwhile', async () => {
    const world = await startWorld({}, 1);
    const bucket = unique('raced');
    await world.provision(bucket);
    for (const key of ['a.png', 'b.png']) await put(world.client, bucket, key);
    world.server.behaviour.undeletable.set('a.png', ['NoSuchVersion', 'The specified version does not exist.']);
    await expect(world.deprovision(bucket)).rejects.toMatchObject({ code: 'storage-bucket-not-empty' });
    const { Versions } = await world.client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    expect(Versions?.map(({ Key }) => Key)).toEqual(['a.png']);
  });

  it.each([
    ['an unknown key', { accessKeyId: 'NOBODY-AT-ALL', secretAccessKey: 'hidden-secret' }],
    ['a wrong secret', { secretAccessKey: 'hidden-secret' }],
  ])('is refused with %s', async (_, wrong) => {
    const world = await startWorld();
    const bucket = unique('denied');
    await world.provision(bucket);
    const error: unknown = await world.deprovision(bucket, wrong).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'storage-access-denied' });
    expect(`${error} ${JSON.stringify(error)} ${world.lines}`).not.toMatch(/hidden-secret|NOBODY-AT-ALL/);
    expect(await isThere(world.client, bucket)).toBe(true);
  });

  it('is not done in another region than the bucket is in', async () => {
    const world = await startWorld();
    world.server.behaviour.elsewhere.set('far-away', 'ap-southeast-2');
    await expect(world.deprovision('far-away')).rejects.toMatchObject({ code: 'storage-other-region' });
  });

  it('is what the pod does, and says in its last line', async () => {
    const world = await startWorld();
    const bucket = unique('pod');
    await world.provision(bucket);
    await put(world.client, bucket, 'a.png');
    const environment = {
      OPERATION: 'deprovision',
      STORAGE_TYPE: 's3',
      STORAGE_BUCKET: bucket,
      STORAGE_REGION: 'us-east-1',
      STORAGE_ENDPOINT_URL: world.server.url,
      STORAGE_ACCESS_KEY_ID: MINE.accessKeyId,
      STORAGE_SECRET_ACCESS_KEY: MINE.secretAccessKey,
    };
    expect((await runPod('storage', environment)).states).toEqual({ [`Bucket ${bucket}`]: 'deleted' });
    expect((await runPod('storage', environment)).states).toEqual({ [`Bucket ${bucket}`]: 'absent' });
  });
});
