import { GetBucketCorsCommand, GetBucketVersioningCommand } from '@aws-sdk/client-s3';
import { startWorld, stopWorlds, writesSince } from './s3-world.ts';
import { unique } from './test-pod.ts';

// What the services refuse is in docs/storage-services.md, with sources.
const PRIVATE_ACL = '<Grant><Grantee><ID>me</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant>';
const PUBLIC_ACL =
  '<Grant><Grantee><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant>';
const ORIGINS = ['https://lms.example.org'];

type Refusals = readonly (readonly [word: string, status: number, code: string])[];
const NO_BLOCK = ['publicAccessBlock', 501, 'NotImplemented'] as const;

afterEach(stopWorlds);

describe.each<[string, { readonly refusals: Refusals; readonly acl?: string; readonly isShown: boolean }]>([
  [
    'Cloudflare R2',
    {
      refusals: [
        NO_BLOCK,
        ['versioning', 501, 'NotImplemented'],
        ['policy', 501, 'NotImplemented'],
        ['acl', 501, 'NotImplemented'],
      ],
      isShown: false,
    },
  ],
  [
    'Garage',
    {
      refusals: [
        NO_BLOCK,
        ['versioning', 501, 'NotImplemented'],
        ['policy', 501, 'NotImplemented'],
        ['acl', 501, 'NotImplemented'],
      ],
      isShown: false,
    },
  ],
  ['Backblaze B2', { refusals: [NO_BLOCK, ['policy', 501, 'NotImplemented']], acl: PRIVATE_ACL, isShown: true }],
  ['OVHcloud', { refusals: [['publicAccessBlock', 409, 'BucketAlreadyOwnedByYou']], isShown: true }],
  ['Ceph before it had a block', { refusals: [['publicAccessBlock', 405, 'MethodNotAllowed']], isShown: true }],
  ['MinIO', { refusals: [NO_BLOCK, ['cors', 501, 'NotImplemented']], isShown: true }],
  [
    'one that answers 400',
    {
      refusals: [
        ['publicAccessBlock', 400, 'MalformedXML'],
        ['cors', 400, 'NotImplemented'],
      ],
      isShown: true,
    },
  ],
  [
    'one that answers 403',
    {
      refusals: [
        ['publicAccessBlock', 403, 'AccessDenied'],
        ['versioning', 403, 'AccessDenied'],
        ['cors', 403, 'AccessDenied'],
        ['policy', 403, 'AccessDenied'],
        ['acl', 403, 'AccessDenied'],
      ],
      isShown: false,
    },
  ],
])('a private bucket at %s', (_, { refusals, acl, isShown }) => {
  it('is created; a warning says whether it is not shown to be private', async () => {
    const world = await startWorld();
    for (const [word, ...refusal] of refusals) world.server.behaviour.refusals.set(word, refusal);
    world.server.behaviour.acl = acl;
    const bucket = unique('refusing');
    expect(await world.provision(bucket, { corsOrigins: ORIGINS })).toBe('created');
    const isSaid = world.lines.some(
      (line) => line.startsWith('Warning: ') && line.includes('not known whether it is private'),
    );
    expect(isSaid).toBe(!isShown);
    expect(await world.provision(bucket, { corsOrigins: ORIGINS })).toBe('unchanged');
  });

  it('is not made public in silence', async () => {
    const world = await startWorld();
    for (const [word, ...refusal] of refusals) world.server.behaviour.refusals.set(word, refusal);
    const provision = world.provision(unique('open'), { makePublic: true });
    const policy = refusals.find(([word]) => word === 'policy');
    if (policy === undefined) expect(await provision).toBe('created');
    else
      await expect(provision).rejects.toMatchObject({
        code: policy[1] === 403 ? 'storage-privileges' : 'storage-public-unsupported',
      });
  });
});

it.each(['versioning', 'cors'])('403 for %s is a warning that names the right, except at AWS', async (word) => {
  const world = await startWorld();
  world.server.behaviour.refusals.set(word, [403, 'AccessDenied']);
  expect(await world.provision(unique('refused'), { corsOrigins: ORIGINS })).toBe('created');
  expect(world.lines).toContainEqual(expect.stringMatching(/^Warning: .* refused \(AccessDenied\).* s3:PutBucket/));
});

it.each([
  ['policy', ''],
  ['ACL', PUBLIC_ACL],
])('a bucket that its %s opens to everybody is a warning, and is left', async (way, acl) => {
  const world = await startWorld();
  const bucket = unique('opened');
  await world.provision(bucket, { makePublic: acl === '' });
  if (acl !== '') world.server.behaviour.acl = acl;
  const before = world.server.requests.length;
  expect(await world.provision(bucket)).toBe('unchanged');
  expect(writesSince(world, before)).toEqual([]);
  expect(world.lines).toContainEqual(expect.stringContaining(`is not private: its ${way} gives access to everybody`));
});

it('a service that wants Content-MD5 for every configuration gets it', async () => {
  const world = await startWorld({ flavour: 'aws', region: 'eu-west-1' });
  world.server.behaviour.wantsMd5 = true;
  const bucket = unique('md5');
  expect(await world.provision(bucket, { makePublic: true, corsOrigins: ORIGINS })).toBe('created');
  // The look of somebody who sends the SDK's own headers.
  expect((await world.client.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status).toBe('Enabled');
  expect((await world.client.send(new GetBucketCorsCommand({ Bucket: bucket }))).CORSRules).toHaveLength(1);
  expect(await world.deprovision(bucket)).toBe('deleted');
});
