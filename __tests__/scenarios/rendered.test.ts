import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { MongoClient } from 'mongodb';
import { createConnection } from 'mysql2/promise';
import { fieldsOf } from '../../src/core/fields.ts';
import { hasS3, isTutorThere, TutorRoot } from '../tutor.ts';
import { openWorld, type World } from './world.ts';

/** Fields of what Tutor rendered, as text. */
function texts(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(fieldsOf(value)).map(([key, field]) => [key, String(field)]));
}

(isTutorThere ? describe : describe.skip)("an instance from the action's own template, as Tutor renders it", () => {
  let world: World;
  let tutor: TutorRoot;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(async () => {
    await tutor?.remove();
    await world.stop();
  });

  it('has settings with which Open edX logs in to MySQL and MongoDB, and puts a file into the bucket', async () => {
    const scenario = await world.scenario();
    expect((await scenario.run()).code).toBe(0);
    tutor = await TutorRoot.render(await scenario.config());
    const env = await tutor.yaml('apps/openedx/config/lms.env.yml');
    const settings = tutor.settings('lms');

    const mysql = texts(fieldsOf(env.DATABASES).default);
    await using connection = await createConnection({
      host: mysql.HOST ?? '',
      port: Number(mysql.PORT),
      user: mysql.USER ?? '',
      password: mysql.PASSWORD ?? '',
      database: mysql.NAME ?? '',
    });
    const [rows] = await connection.query('SHOW DATABASES');
    expect(rows).toContainEqual({ Database: mysql.NAME });

    const mongodb = texts(settings.mongodb_parameters);
    await using client = new MongoClient(`mongodb://${mongodb.host}:${mongodb.port}/`, {
      auth: { username: mongodb.user ?? '', password: mongodb.password ?? '' },
      authSource: mongodb.authsource ?? '',
      tls: mongodb.ssl === 'true',
      directConnection: true,
      serverSelectionTimeoutMS: 5000,
    });
    for (const name of [mongodb.db, settings.FORUM_MONGODB_DATABASE]) {
      const write = client.db(String(name)).collection('course').insertOne({ name: 'demo' });
      await expect(write).resolves.toMatchObject({ acknowledged: true });
    }

    const { endpoint, bucket, region } = hasS3 ? ofPlugin(env, settings) : ofKeys(settings.TEST_S3);
    const storage = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: {
        accessKeyId: String(env.AWS_ACCESS_KEY_ID),
        secretAccessKey: String(env.AWS_SECRET_ACCESS_KEY),
      },
    });
    const file = { Bucket: bucket, Key: 'badges/one.txt' };
    await storage.send(new PutObjectCommand({ ...file, Body: 'a badge' }));
    const { Body: body } = await storage.send(new GetObjectCommand(file));
    expect(await body?.transformToString()).toBe('a badge');
    expect((await fetch(`${endpoint}/${bucket}/${file.Key}`)).status).toBe(403);
    storage.destroy();
  });
});

interface Storage {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
}

/** Of the settings that tutor-contrib-s3 renders. */
function ofPlugin(env: unknown, settings: unknown): Storage {
  const { AWS_S3_ENDPOINT_URL: endpoint = '', AWS_S3_REGION_NAME: region = '' } = texts(settings);
  return { endpoint, region, bucket: texts(env).AWS_STORAGE_BUCKET_NAME ?? '' };
}

/** Of the keys that it documents. */
function ofKeys(value: unknown): Storage {
  const keys = texts(value);
  const scheme = keys.S3_USE_SSL === 'True' ? 'https' : 'http';
  return {
    endpoint: `${scheme}://${keys.S3_HOST}:${keys.S3_PORT}`,
    region: keys.S3_REGION ?? '',
    bucket: keys.S3_STORAGE_BUCKET ?? '',
  };
}
