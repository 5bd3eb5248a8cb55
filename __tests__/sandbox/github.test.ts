import { startGithub } from '../../sandbox/github/api.ts';
import { send } from './vendor-api.ts';

const github = await startGithub({ token: 'a-token', listFiles: async () => [] });
afterAll(() => github.stop());

const post = async (path: string, body: unknown) =>
  await send(`${github.url}/repos/org/cluster/deployments${path}`, {
    method: 'POST',
    headers: { authorization: 'token a-token', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const WITHOUT_CHECKS = { auto_merge: false, required_contexts: [] };

it("the sandbox's GitHub takes deployments as GitHub's description has them", async () => {
  expect(await post('', { ref: 'main', ...WITHOUT_CHECKS })).toMatchObject({
    status: 201,
    body: { environment: 'production' },
  });
  expect((await post('/1/statuses', { state: 'queued', description: 'x'.repeat(140) })).status).toBe(201);
  expect((await post('/2/statuses', { state: 'queued' })).status).toBe(404);
});

it('merges, and waits for checks, unless it is told not to', async () => {
  expect(await post('', { ref: 'topic' })).toMatchObject({ status: 202, body: { message: expect.any(String) } });
  expect((await post('', { ref: 'topic', auto_merge: false })).status).toBe(409);
});

it.each([
  ['', { environment: 'a', ...WITHOUT_CHECKS }],
  ['', { ref: 7, ...WITHOUT_CHECKS }],
  ['', { ref: 'main', required_contexts: 'none' }],
  ['', { ref: 'main', transient: true, ...WITHOUT_CHECKS }],
  ['', { ref: 'main', transient_environment: 'true', ...WITHOUT_CHECKS }],
  ['/1/statuses', {}],
  ['/1/statuses', { state: 'running' }],
  ['/1/statuses', { state: 'success', environmentUrl: 'https://a.example.org' }],
  ['/1/statuses', { state: 'success', description: 'x'.repeat(141) }],
])('refuses at deployments%s a body that they do not take: %j', async (path, body) => {
  expect(await post(path, body)).toMatchObject({ status: 422, body: { message: 'Validation Failed' } });
});
