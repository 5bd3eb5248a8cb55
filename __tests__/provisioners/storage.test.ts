import { createServer } from 'node:http';
import {
  GetBucketCorsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { MINE, type S3World, SERVICES, startWorld, stopWorlds, THEIRS, writesSince } from './s3-world.ts';
import { unique } from './test-pod.ts';

const ORIGINS = ['https://lms.example.org', 'https://studio.example.org'];
const PUBLIC = { makePublic: true, corsOrigins: ORIGINS };

const servers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await stopWorlds();
  for (const stop of servers.splice(0)) await stop();
});

const put = (client: S3Client, bucket: string) =>
  client.send(new PutObjectCommand({ Bucket: bucket, Key: 'courses/logo.png', Body: 'a picture' }));

/** What somebody without a key gets. */
async function anonymously({ server }: S3World, bucket: string): Promise<{ object: number; listing: number }> {
  const [object, listing] = await Promise.all([
    fetch(`${server.url}/${bucket}/courses/logo.png`),
    fetch(`${server.url}/${bucket}`),
  ]);
  return { object: object.status, listing: listing.status };
}

const policyOf = async ({ client }: S3World, bucket: string): Promise<{ Statement: { Sid?: string }[] }> =>
  JSON.parse((await client.send(new GetBucketPolicyCommand({ Bucket: bucket }))).Policy ?? '');

const rulesOf = async ({ client }: S3World, bucket: string) =>
  (await client.send(new GetBucketCorsCommand({ Bucket: bucket }))).CORSRules;

describe.each(SERVICES)('a bucket at $flavour in $region', (options) => {
  it('is private, has versions, and a second run writes nothing', async () => {
    const world = await startWorld(options);
    const bucket = unique('private');
    expect(await world.provision(bucket)).toBe('created');
    await put(world.client, bucket);
    expect(await anonymously(world, bucket)).toEqual({ object: 403, listing: 403 });
    expect((await world.client.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status).toBe('Enabled');
    const before = world.server.requests.length;
    expect(await world.provision(bucket)).toBe('unchanged');
    expect(writesSince(world, before)).toEqual([]);
  });

  it('is public to those who know the name of an object, takes origins, and a second run writes nothing', async () => {
    const world = await startWorld(options);
    const bucket = unique('public');
    expect(await world.provision(bucket, PUBLIC)).toBe('created');
    await put(world.client, bucket);
    expect(await anonymously(world, bucket)).toEqual({ object: 200, listing: 403 });
    expect(await rulesOf(world, bucket)).toEqual([
      {
        ID: 'launchpad-provision',
        AllowedMethods: ['GET', 'PUT'],
        AllowedHeaders: ['*'],
        ExposeHeaders: ['ETag'],
        MaxAgeSeconds: 3000,
        AllowedOrigins: ORIGINS,
      },
    ]);
    const before = world.server.requests.length;
    expect(await world.provision(bucket, PUBLIC)).toBe('unchanged');
    expect(writesSince(world, before)).toEqual([]);
  });

  it('keeps the policy and the rules of others, and versioning that is off', async () => {
    const world = await startWorld(options);
    const bucket = unique('others');
    await world.provision(bucket);
    const statement = {
      Sid: 'Backups',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:DeleteBucket',
      Resource: `arn:aws:s3:::${bucket}`,
    };
    // One statement without a list, as a policy may have it.
    const policy = JSON.stringify({ Version: '2008-10-17', Id: 'theirs', Statement: statement });
    await world.client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
    const rule = { ID: 'theirs', AllowedMethods: ['GET'], AllowedOrigins: ['https://*.example.org'] };
    const CORSConfiguration = { CORSRules: [rule] };
    await world.client.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration }));
    const off = { Bucket: bucket, VersioningConfiguration: { Status: 'Suspended' } } as const;
    await world.client.send(new PutBucketVersioningCommand(off));

    expect(await world.provision(bucket, PUBLIC)).toBe('updated');
    expect(await policyOf(world, bucket)).toEqual({
      Version: '2008-10-17',
      Id: 'theirs',
      Statement: [statement, expect.objectContaining({ Sid: 'LaunchpadPublicRead' })],
    });
    expect(await rulesOf(world, bucket)).toEqual([rule, expect.objectContaining({ AllowedOrigins: ORIGINS })]);
    expect((await world.client.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status).toBe('Suspended');
    expect(await world.provision(bucket, PUBLIC)).toBe('unchanged');
  });

  it("is somebody else's: it says so, and leaves it alone", async () => {
    const world = await startWorld(options);
    const bucket = unique('foreign');
    await world.provision(bucket, THEIRS);
    const before = world.server.requests.length;
    await expect(world.provision(bucket)).rejects.toMatchObject({
      code: 'storage-bucket-foreign',
      message: expect.stringContaining('belongs to somebody else'),
    });
    expect(writesSince(world, before)).toEqual([]);
  });

  it('is in another region: it says in which', async () => {
    const world = await startWorld(options);
    world.server.behaviour.elsewhere.set('far-away', 'ap-southeast-2');
    await expect(world.provision('far-away')).rejects.toMatchObject({
      code: 'storage-other-region',
      message: expect.stringContaining('ap-southeast-2'),
    });
  });

  it('is made once another change of it is through, and waited for until it is seen', async () => {
    const world = await startWorld(options);
    Object.assign(world.server.behaviour, { operationAborted: 2, headLags: 2 });
    const bucket = unique('slow');
    expect(await world.provision(bucket)).toBe('created');
    const creations = world.server.requests.filter(({ method, query }) => method === 'PUT' && query === '');
    expect(creations.map(({ status }) => status)).toEqual([409, 409, 200]);
    expect(world.lines).toContainEqual(expect.stringMatching(/^Making bucket .*OperationAborted; attempt 2/));
    expect(world.lines).toContainEqual(expect.stringMatching(/^Waiting for bucket .*NotFound/));
  });

  it('is never seen: it says so', async () => {
    const world = await startWorld(options, 1);
    world.server.behaviour.headLags = 1_000_000;
    await expect(world.provision(unique('unseen'))).rejects.toMatchObject({
      code: 'storage-bucket-not-visible',
    });
  });

  it.each([
    ['an unknown key', { accessKeyId: 'NOBODY-AT-ALL', secretAccessKey: 'hidden-secret' }],
    ['a wrong secret', { secretAccessKey: 'hidden-secret' }],
  ])('is not made with %s', async (_, wrong) => {
    const world = await startWorld(options);
    const error: unknown = await world.provision(unique('denied'), wrong).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'storage-access-denied' });
    expect(`${error} ${JSON.stringify(error)} ${world.lines}`).not.toMatch(/hidden-secret|NOBODY-AT-ALL/);
  });
});

describe('the block of public access', () => {
  const AWS = { flavour: 'aws', region: 'eu-west-1' } as const;
  const blockOf = async ({ client }: S3World, bucket: string) =>
    (await client.send(new GetPublicAccessBlockCommand({ Bucket: bucket }))).PublicAccessBlockConfiguration;

  it('stops everything for a private bucket, and public ACLs for a public one', async () => {
    const world = await startWorld(AWS);
    const [secret, open] = [unique('private'), unique('public')];
    await world.provision(secret);
    await world.provision(open, PUBLIC);
    const acls = { BlockPublicAcls: true, IgnorePublicAcls: true };
    expect(await blockOf(world, secret)).toEqual({ ...acls, BlockPublicPolicy: true, RestrictPublicBuckets: true });
    expect(await blockOf(world, open)).toEqual({ ...acls, BlockPublicPolicy: false, RestrictPublicBuckets: false });
  });

  it('that somebody set keeps its other flags when the bucket becomes public, and that is said', async () => {
    const world = await startWorld(AWS);
    const bucket = unique('set');
    await world.provision(bucket);
    const set = {
      BlockPublicAcls: false,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: false,
    };
    const command = { Bucket: bucket, PublicAccessBlockConfiguration: set };
    await world.client.send(new PutPublicAccessBlockCommand(command));
    expect(await world.provision(bucket)).toBe('unchanged');
    expect(await world.provision(bucket, PUBLIC)).toBe('updated');
    expect(await blockOf(world, bucket)).toEqual({ ...set, BlockPublicPolicy: false });
    expect(world.lines).toContainEqual(expect.stringContaining('no longer stops public policies'));
  });

  it('that still acts after its change is waited for', async () => {
    const world = await startWorld(AWS);
    world.server.behaviour.blockLags = 1;
    const bucket = unique('lag');
    expect(await world.provision(bucket, PUBLIC)).toBe('created');
    await put(world.client, bucket);
    expect(await anonymously(world, bucket)).toEqual({ object: 200, listing: 403 });
    expect(world.lines).toContainEqual(expect.stringContaining('AccessDenied; attempt 2'));
  });

  it('of the account keeps a bucket from being public: it says what to do', async () => {
    const world = await startWorld(AWS, 1);
    world.server.behaviour.accountBlocks = true;
    await expect(world.provision(unique('account'), PUBLIC)).rejects.toMatchObject({
      code: 'storage-public-blocked',
      hint: expect.stringContaining('storage-make-public'),
    });
  });
});

describe('CORS rules', () => {
  it.each([['*'], ['https://*.example.org']])('of others that cover the origins (%s) are enough', async (origin) => {
    const world = await startWorld();
    const bucket = unique('covered');
    await world.provision(bucket);
    const rules = [
      { ID: 'read', AllowedMethods: ['GET', 'HEAD'], AllowedOrigins: [origin] },
      { ID: 'write', AllowedMethods: ['PUT'], AllowedOrigins: [origin] },
    ];
    await world.client.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: rules } }));
    expect(await world.provision(bucket, { corsOrigins: ORIGINS })).toBe('unchanged');
    expect(await rulesOf(world, bucket)).toEqual(rules);
  });

  it('of ours are replaced when the origins are others', async () => {
    const world = await startWorld();
    const bucket = unique('moved');
    await world.provision(bucket, { corsOrigins: ['https://old.example.org'] });
    expect(await world.provision(bucket, { corsOrigins: ORIGINS })).toBe('updated');
    expect((await rulesOf(world, bucket))?.map(({ AllowedOrigins }) => AllowedOrigins)).toEqual([ORIGINS]);
  });
});

it('a signature for another region is refused: it says which region to set', async () => {
  const world = await startWorld({ flavour: 'aws', region: 'eu-west-1' });
  await expect(world.provision(unique('region'), { region: 'us-west-2' })).rejects.toMatchObject({
    code: expect.stringMatching(/^storage-(other-)?region$/),
    message: expect.stringContaining('eu-west-1'),
  });
});

it('a region in which the service makes no buckets is an error that says what to check', async () => {
  const world = await startWorld({ flavour: 'spaces', region: 'nyc3' });
  // As AWS, the SDK names the region as the bucket's place.
  await expect(world.provision(unique('place'), { type: 's3', region: 'eu-west-1' })).rejects.toMatchObject({
    code: 'storage-region',
    message: expect.stringContaining('eu-west-1'),
    hint: expect.stringContaining('storage-region'),
  });
});

it.each([
  [
    'TooManyBuckets',
    400,
    { code: 'storage-failed', message: expect.stringMatching(/TooManyBuckets No more for \*\*\*.* \(request 4711\)/) },
  ],
  [
    'AccessDenied',
    403,
    {
      code: 'storage-privileges',
      hint: expect.stringMatching(/s3:PutBucketPolicy, s3:GetBucketCORS and s3:PutBucketCORS/),
    },
  ],
])('what the service says of a new bucket (%s) is passed on, and no key', async (code, status, expected) => {
  const service = createServer(({ method }, response) => {
    response.setHeader('x-amz-request-id', '4711');
    const body = `<Error><Code>${code}</Code><Message>No more for ${MINE.accessKeyId}</Message></Error>`;
    if (method === 'HEAD') response.writeHead(404).end();
    else response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  servers.push(() => new Promise((resolve) => service.close(() => resolve())));
  const address = service.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const world = await startWorld();
  const task = { ...PUBLIC, endpointUrl: `http://127.0.0.1:${port}` };
  await expect(world.provision(unique('refused'), task)).rejects.toMatchObject(expected);
});

it('requests go through the proxy that the environment names, and Spaces are asked by virtual host', async () => {
  const world = await startWorld({ flavour: 'spaces', region: 'nyc3' });
  const bucket = unique('proxied');
  const through = { endpointUrl: 'http://nyc3.digitaloceanspaces.com', environment: { HTTP_PROXY: world.server.url } };
  expect(await world.provision(bucket, { ...PUBLIC, ...through })).toBe('created');
  await put(world.client, bucket);
  expect(await anonymously(world, bucket)).toEqual({ object: 200, listing: 403 });

  const around = {
    endpointUrl: world.server.url,
    environment: { HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1' },
  };
  expect(await world.provision(bucket, { ...PUBLIC, ...around })).toBe('unchanged');
});
