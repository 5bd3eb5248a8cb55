import { GetBucketCorsCommand, GetBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import nock from 'nock';
import { type S3World, startWorld, stopWorlds, writesSince } from './s3-world.ts';
import { unique } from './test-pod.ts';

const PUBLIC_ACL =
  '<Grant><Grantee><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant>';
const ORIGINS = ['https://lms.example.org'];
const VERSIONS = 'versions of objects';
const CORS = 'CORS rules';

type Refusal = readonly [word: string, status: number, code: string];
interface Refusing {
  readonly refusals: readonly Refusal[];
  /** What the bucket is reported to be without. */
  readonly lacks?: readonly string[];
  /** Rights that a warning names. */
  readonly warned?: readonly string[];
  /** The code of the error where the bucket is to be public. */
  readonly error?: string;
}

const refuses = (status: number, code: string, ...words: readonly string[]): Refusal[] =>
  words.map((word) => [word, status, code]);
const has501 = (...words: readonly string[]) => refuses(501, 'NotImplemented', ...words);

/** docs/storage-services.md has a row for each, with the documents and reports that the answers are from. */
const SERVICES: readonly (readonly [string, Refusing])[] = [
  ['DigitalOcean Spaces', { refusals: has501('publicAccessBlock') }],
  [
    'Cloudflare R2',
    {
      refusals: has501('publicAccessBlock', 'versioning', 'policy', 'acl'),
      lacks: [VERSIONS],
      error: 'storage-public-unsupported',
    },
  ],
  [
    'Garage',
    {
      refusals: has501('publicAccessBlock', 'versioning', 'policy', 'acl'),
      lacks: [VERSIONS],
      error: 'storage-public-unsupported',
    },
  ],
  [
    'Backblaze B2',
    { refusals: has501('publicAccessBlock', 'policy', 'cors'), lacks: [CORS], error: 'storage-public-unsupported' },
  ],
  [
    'OVHcloud',
    {
      refusals: [...refuses(409, 'BucketAlreadyOwnedByYou', 'publicAccessBlock'), ...has501('policy')],
      error: 'storage-public-unsupported',
    },
  ],
  ['Ceph before it had a block', { refusals: refuses(405, 'MethodNotAllowed', 'publicAccessBlock') }],
  ['Hetzner, whose proxy answers in HTML', { refusals: refuses(501, '', 'publicAccessBlock') }],
  [
    'Akamai, endpoints E2 and E3',
    {
      refusals: [
        ...refuses(405, 'MethodNotAllowed', 'publicAccessBlock'),
        ...refuses(404, 'NoSuchCORSConfiguration', 'GET cors'),
        ...refuses(400, 'InvalidRequest', 'PUT cors'),
      ],
      lacks: [CORS],
      warned: ['s3:PutBucketCORS'],
    },
  ],
  ['MinIO', { refusals: has501('publicAccessBlock', 'cors'), lacks: [CORS] }],
  [
    'Scaleway, whose policies name buckets without an ARN',
    {
      refusals: [
        ...has501('publicAccessBlock'),
        ...refuses(404, 'NoSuchPolicyConfiguration', 'GET policy'),
        ...refuses(400, 'MalformedPolicy', 'PUT policy'),
      ],
      error: 'storage-public-unsupported',
    },
  ],
  [
    'Wasabi for an account without public buckets',
    { refusals: refuses(403, 'AccessDenied', 'policy'), error: 'storage-public-blocked' },
  ],
  [
    'one that answers in HTML to all, as proxies do',
    {
      refusals: refuses(501, '', 'publicAccessBlock', 'versioning', 'cors', 'policy', 'acl'),
      lacks: [VERSIONS, CORS],
      error: 'storage-public-unsupported',
    },
  ],
  [
    'one that takes the configuration for something else',
    {
      refusals: [
        ...refuses(400, 'MalformedXML', 'publicAccessBlock', 'cors'),
        ...refuses(404, 'NoSuchKey', 'versioning'),
      ],
      lacks: [VERSIONS, CORS],
      warned: ['s3:PutBucketVersioning', 's3:PutBucketCORS'],
    },
  ],
  [
    'one that answers 403 to all',
    {
      refusals: refuses(403, 'AccessDenied', 'publicAccessBlock', 'versioning', 'cors', 'policy', 'acl'),
      lacks: [VERSIONS, CORS],
      warned: ['s3:PutBucketVersioning', 's3:PutBucketCORS'],
      error: 'storage-public-blocked',
    },
  ],
];

const worldOf = async ({ refusals }: Refusing) => {
  const world = await startWorld();
  for (const [word, ...refusal] of refusals) world.server.behaviour.refusals.set(word, refusal);
  return world;
};
const warningsIn = ({ lines }: S3World) => lines.filter((line) => line.startsWith('Warning: '));

afterEach(stopWorlds);

describe.each(SERVICES)('at %s', (_, service) => {
  const { lacks, warned = [], error } = service;

  it('a private bucket is created, and what it is without is reported', async () => {
    const world = await worldOf(service);
    const bucket = unique('refusing');
    expect(await world.lacks(bucket, { corsOrigins: ORIGINS })).toEqual(lacks);
    expect(warningsIn(world)).toEqual(warned.map((right) => expect.stringContaining(right)));
    expect(await world.provision(bucket, { corsOrigins: ORIGINS })).toBe('unchanged');
  });

  it('a bucket is made public, or that is refused with an error', async () => {
    const world = await worldOf(service);
    const provision = world.provision(unique('open'), { makePublic: true });
    if (error === undefined) expect(await provision).toBe('created');
    else await expect(provision).rejects.toMatchObject({ code: error });
  });
});

it('a service that answers in HTML is quoted by its status', async () => {
  const world = await worldOf({ refusals: refuses(501, '', 'cors', 'policy') });
  await world.provision(unique('html'), { corsOrigins: ORIGINS });
  expect(world.lines).toContain('The service does not have CORS rules (HTTP 501): skipped.');
  await expect(world.provision(unique('html'), { makePublic: true })).rejects.toThrow(
    /the service does not have bucket policies \(HTTP 501\b/,
  );
});

describe('a refusal at AWS, which has all configurations', () => {
  const BUCKET = 'launchpad-school';
  beforeEach(() => nock.disableNetConnect());
  afterEach(() => {
    nock.cleanAll();
    nock.enableNetConnect();
  });
  afterAll(() => nock.restore());

  /** AWS with a bucket that is configured but for what is refused. */
  function aws([word, status, code]: Refusal): void {
    const xml = (text: string) => `<?xml version="1.0" encoding="UTF-8"?>${text}`;
    const message = `User: arn:aws:iam::1:user/x is not authorized to perform: s3:Something because no identity-based policy allows it`;
    const refusal = xml(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
    const blocked = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'];
    const flags = blocked.map((flag) => `<${flag}>true</${flag}>`).join('');
    const answers: Readonly<Record<string, readonly [number, string]>> = {
      publicAccessBlock: [200, `<PublicAccessBlockConfiguration>${flags}</PublicAccessBlockConfiguration>`],
      versioning: [200, '<VersioningConfiguration></VersioningConfiguration>'],
      cors: [404, '<Error><Code>NoSuchCORSConfiguration</Code></Error>'],
    };
    const scope = nock(`https://${BUCKET}.s3.eu-west-1.amazonaws.com`).persist();
    scope.head('/').reply(200);
    for (const [name, [ok, body]] of Object.entries(answers)) {
      const asked = (query: object) => name in query;
      const [changed, said] = name === word ? [status, refusal] : [200, ''];
      scope.get('/').query(asked).reply(ok, xml(body));
      scope.put('/').query(asked).reply(changed, said);
    }
  }

  const provision = async () => {
    const world = await startWorld();
    const place = { endpointUrl: undefined, region: 'eu-west-1', corsOrigins: ORIGINS };
    return await world.provision(BUCKET, place);
  };

  it.each([
    ['versioning', 's3:GetBucketVersioning and s3:PutBucketVersioning'],
    ['cors', 's3:GetBucketCORS and s3:PutBucketCORS'],
  ])('with 403 for %s is an error that names the rights, and what AWS says', async (word, rights) => {
    aws([word, 403, 'AccessDenied']);
    await expect(provision()).rejects.toMatchObject({
      code: 'storage-privileges',
      message: expect.stringMatching(/the access key may not configure .* no identity-based policy allows it\)\.$/),
      hint: `Give the key ${rights}.`,
    });
  });

  it('with another status is an error too', async () => {
    aws(['cors', 400, 'MalformedXML']);
    await expect(provision()).rejects.toMatchObject({ code: 'storage-failed' });
  });
});

it.each([
  ['its policy gives access to everybody', ''],
  ['its ACL gives access to everybody', PUBLIC_ACL],
])('a bucket of which %s is a warning, and is left', async (way, acl) => {
  const world = await startWorld();
  const bucket = unique('opened');
  await world.provision(bucket, { makePublic: acl === '' });
  if (acl !== '') world.server.behaviour.acl = acl;
  const before = world.server.requests.length;
  expect(await world.provision(bucket)).toBe('unchanged');
  expect(writesSince(world, before)).toEqual([]);
  expect(world.lines).toContainEqual(expect.stringContaining(`is not private: ${way}`));
});

describe('somebody without a key who', () => {
  const withObject = async (anonymous: S3World['server']['behaviour']['anonymous']) => {
    const world = await worldOf({ refusals: has501('publicAccessBlock', 'policy', 'acl') });
    const bucket = unique('asked');
    await world.provision(bucket);
    await world.client.send(new PutObjectCommand({ Bucket: bucket, Key: 'grades & names.csv', Body: 'secret' }));
    world.server.behaviour.anonymous = anonymous;
    world.lines.length = 0;
    expect(await world.provision(bucket)).toBe('unchanged');
    return warningsIn(world);
  };

  it('may list a private bucket is a warning', async () => {
    expect(await withObject('lists')).toEqual([
      expect.stringMatching(/is not private: it can be listed without a key\. Remove that access/),
    ]);
  });

  it('may read its objects is a warning', async () => {
    expect(await withObject('reads')).toEqual([
      expect.stringMatching(/is not private: its objects can be read without a key\. Remove that access/),
    ]);
  });

  it.each<[number, string]>([
    [403, 'AccessDenied'],
    [401, 'Unauthorized'],
    [400, 'InvalidArgument'],
    [404, 'NoSuchBucket'],
  ])('is refused with %i shows that the bucket is private', async (...refusal) => {
    expect(await withObject(refusal)).toEqual([]);
  });

  it('is answered otherwise leaves it unknown, with a warning', async () => {
    expect(await withObject([409, 'Conflict'])).toEqual([
      expect.stringContaining('it is not known whether it is private'),
    ]);
  });
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
