import type { MongodbSettings } from '../../src/core/settings.ts';
import { shareToken } from '../../src/operations/shared-token.ts';
import { SETTINGS } from '../instance/given.ts';
import { type Answer, API, answerApi, json, network } from '../provisioners/vendor-api.ts';

beforeAll(network.close);
afterEach(network.clear);
afterAll(network.restore);

const ATLAS: MongodbSettings = {
  provider: 'atlas',
  host: undefined,
  port: undefined,
  replicaSet: undefined,
  ca: undefined,
  api: { url: API.url, credentials: { kind: 'service-account', clientId: 'mdb_sa_id_1', clientSecret: 'secret' } },
  projectId: '32b6e34b3d91647abb20e7b8',
  clusterName: 'main',
  connection: 'standard',
};
const settings = { ...SETTINGS, mongodb: ATLAS };
const ISSUED = json(200, { access_token: 'token 1', token_type: 'Bearer', expires_in: 3600 });

describe('the access token that the instances of a run share', () => {
  it('is issued once, and revoked at the end', async () => {
    const requests = answerApi(ISSUED, json(200));
    const shared = await shareToken(settings);
    expect(shared.settings.mongodb).toMatchObject({ api: { credentials: { sharedToken: 'token 1' } } });
    await shared.end();
    const headers = { authorization: `Basic ${Buffer.from('mdb_sa_id_1:secret').toString('base64')}` };
    expect(requests).toMatchObject([
      { method: 'POST', target: '/api/oauth/token', headers, body: 'grant_type=client_credentials' },
      { method: 'POST', target: '/api/oauth/revoke', headers, body: 'token=token%201&token_type_hint=access_token' },
    ]);
  });

  it.each<[string, Answer]>([
    ['answers with a page', () => [200, '<html>', { 'content-type': 'text/html' }]],
    ['gives none', json(400, { error_description: 'Access Token limit reached' })],
    ['gives an empty one', json(200, { access_token: '', expires_in: 3600 })],
  ])('is none where the API %s: each pod gets its own', async (_, answer) => {
    answerApi(answer);
    const shared = await shareToken(settings);
    expect(shared).toMatchObject({ settings, token: undefined });
    await shared.end();
  });

  it('is none where the API cannot be reached from here, or a key signs the requests', async () => {
    expect((await shareToken(settings)).token).toBeUndefined();
    const requests = answerApi(ISSUED);
    const keys = { kind: 'digest', publicKey: 'public', privateKey: 'private' } as const;
    const digest = { ...SETTINGS, mongodb: { ...ATLAS, api: { url: API.url, credentials: keys } } };
    expect(await shareToken(digest)).toMatchObject({ settings: digest, token: undefined });
    expect((await shareToken(SETTINGS)).token).toBeUndefined();
    expect(requests).toEqual([]);
  });

  it('that cannot be revoked ends by itself', async () => {
    answerApi(ISSUED, json(500));
    await expect((await shareToken(settings)).end()).resolves.toBeUndefined();
  });
});
