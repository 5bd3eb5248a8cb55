import { S3Client } from '@aws-sdk/client-s3';
import { type S3Options, type S3Server, startS3 } from '../../sandbox/storage/s3.ts';
import { podFor } from '../../src/provisioners/pod.ts';
import type { BucketPlace, BucketTask } from '../../src/provisioners/storage/client.ts';
import { deprovisionBucket } from '../../src/provisioners/storage/deprovision.ts';
import { provisionBucket } from '../../src/provisioners/storage/provision.ts';
import { skippingClock } from './test-pod.ts';

export const MINE = { accessKeyId: 'MINE', secretAccessKey: 'secret-1' };
export const THEIRS = { accessKeyId: 'THEIRS', secretAccessKey: 'secret-2' };

/** An S3 service, and the provisioner for it. */
export interface S3World {
  readonly server: S3Server;
  readonly client: S3Client;
  /** What the provisioner has logged. */
  readonly lines: string[];
  /** @returns the state of the bucket */
  provision(bucket: string, others?: Partial<BucketTask>): Promise<string | undefined>;
  /** @returns what the bucket is reported to lack */
  lacks(bucket: string, others?: Partial<BucketTask>): Promise<readonly string[] | undefined>;
  /** @param leftMs milliseconds that the pod has for its work */
  deprovision(bucket: string, others?: Partial<BucketPlace>, leftMs?: number): Promise<string | undefined>;
}

export const SERVICES: S3Options[] = [
  { flavour: 'compatible', region: 'us-east-1' },
  { flavour: 'aws', region: 'us-east-1' },
  { flavour: 'aws', region: 'eu-west-1' },
  { flavour: 'spaces', region: 'nyc3' },
];

const cleanups: (() => Promise<void>)[] = [];

/** Stops the services of a test: for `afterEach`. */
export async function stopWorlds(): Promise<void> {
  for (const cleanup of cleanups.splice(0)) await cleanup();
}

/** @param longestMs milliseconds after which the provisioner's waits are cut off */
export async function startWorld(
  { flavour = 'compatible', region = 'us-east-1' }: S3Options = {},
  longestMs = 100,
): Promise<S3World> {
  const server = await startS3([MINE, THEIRS], { flavour, region });
  const client = new S3Client({ endpoint: server.url, region, forcePathStyle: true, credentials: MINE });
  cleanups.push(() => server.stop());
  cleanups.push(async () => client.destroy());
  const lines: string[] = [];
  const podWith = (leftMs: number) => podFor(leftMs, (line) => lines.push(line), skippingClock(longestMs));
  const place = (bucket: string): BucketPlace => ({
    type: flavour === 'spaces' ? 'spaces' : 's3',
    bucket,
    region,
    endpointUrl: server.url,
    ...MINE,
    environment: {},
  });
  const provision = async (bucket: string, others: Partial<BucketTask> = {}) => {
    const task = { ...place(bucket), makePublic: false, corsOrigins: [], ...others };
    const [resource] = await provisionBucket(task, podWith(600_000));
    return resource;
  };
  return {
    server,
    client,
    lines,
    provision: async (bucket, others) => (await provision(bucket, others))?.state,
    lacks: async (bucket, others) => (await provision(bucket, others))?.lacks,
    deprovision: async (bucket, others = {}, leftMs = 600_000) => {
      const [resource] = await deprovisionBucket({ ...place(bucket), ...others }, podWith(leftMs));
      return resource?.state;
    },
  };
}

/** Requests since the given number of them that change something. */
export function writesSince({ server }: S3World, since: number) {
  return server.requests.slice(since).filter(({ method }) => !['GET', 'HEAD'].includes(method));
}
