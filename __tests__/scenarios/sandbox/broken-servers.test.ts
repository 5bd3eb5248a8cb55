import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startFront } from '../../../sandbox/faults/front.ts';
import { localIdentity } from '../../../sandbox/tls.ts';
import { annotations, expectFirstError } from '../broken/first-error.ts';
import { actionCommits, eventually, expectProvisioned } from '../outcome.ts';
import { openWorld } from '../world.ts';

const world = await openWorld();
const { sandbox } = world;
if (sandbox === undefined) throw new Error('These scenarios need the sandbox.');
afterAll(() => world.stop());

describe('TLS', () => {
  it('that the server does not speak is named', async () => {
    const scenario = await world.scenario();
    expectFirstError(await scenario.run({ inputs: { 'mysql-ssl-mode': 'required' } }), {
      title: /^MySQL: TLS failed$/,
      what: /TLS failed \(HANDSHAKE_NO_SSL_SUPPORT\)/,
      where: new RegExp(`MySQL at 127\\.0\\.0\\.1:${sandbox.mysql.port}`),
      remedy: /whether the server speaks TLS on that port/,
    });
    expect(await actionCommits(world, scenario)).toEqual([]);
  });

  it('with the certificate of another authority is named', async () => {
    const name = `s-ca-${Date.now().toString(36)}`;
    const front = await startFront(sandbox.mongodb, { identity: await localIdentity() });
    const config = 'LMS_HOST: "a.example.org"\nMONGODB_USE_SSL: true\n';
    const scenario = await world.scenario({ [`instances/${name}/config.yml`]: config }, name);
    const { cert: otherAuthority } = await localIdentity();
    const result = await scenario.run({
      inputs: { 'mongodb-ca': otherAuthority },
      settings: { LAUNCHPAD_MONGODB_PORT: String(front.port) },
    });
    await front.close();
    expectFirstError(result, {
      title: /^MongoDB: certificate not trusted$/,
      what: /its certificate is not trusted \(\w+\)/,
      where: new RegExp(`MongoDB at 127\\.0\\.0\\.1:${front.port}`),
      remedy: /Check the certificate authority in the settings/,
    });
  });
});

describe('a database that is down', () => {
  it('and comes up while its workflow tries: the run goes green', async () => {
    const scenario = await world.scenario();
    const front = await startFront(sandbox.mysql);
    await front.close();
    const running = await scenario.start({ settings: { LAUNCHPAD_MYSQL_PORT: String(front.port) } });
    const log = () => [...sandbox.kubernetes.logs].find(([pod]) => pod.startsWith(`${scenario.instance}/mysql-`))?.[1];
    await eventually(() => log()?.includes('ECONNREFUSED; attempt 2') === true, 60_000);
    await front.open();
    const result = await running.done;
    expect(annotations(result.log)).toEqual([]);
    expect(result.code).toBe(0);
    expect((await expectProvisioned(world, scenario)).MYSQL_PORT).toBe(String(front.port));
    await front.close();
  }, 120_000);
});

describe("a bucket that is somebody else's", () => {
  it('is named, and what to do about it', async () => {
    const bucket = `taken-${Date.now().toString(36)}`;
    const somebodyElse = new S3Client({
      region: 'us-east-1',
      endpoint: sandbox.s3.url,
      credentials: sandbox.otherCustomer,
      forcePathStyle: true,
    });
    await somebodyElse.send(new CreateBucketCommand({ Bucket: bucket }));
    somebodyElse.destroy();
    const name = `s-bucket-${Date.now().toString(36)}`;
    const config = `LMS_HOST: "a.example.org"\nSTORAGE_BUCKET_NAME: "${bucket}"\n`;
    const scenario = await world.scenario({ [`instances/${name}/config.yml`]: config }, name);
    expectFirstError(await scenario.run(), {
      title: /^Storage: bucket is somebody else's$/,
      what: new RegExp(`Bucket ${bucket} .* belongs to somebody else`),
      where: new RegExp(`at ${new URL(sandbox.s3.url).host}`),
      remedy: /Set another bucket name in config\.yml/,
    });
    expect(await actionCommits(world, scenario)).toEqual([]);
  });
});
