import { Cluster } from '../../../src/cluster/api/client.ts';
import { deleteNamespace } from '../../../src/cluster/namespace/namespace-deletion.ts';
import { FakeClock } from '../../fake-clock.ts';
import { sendJson, startApiServer } from '../api-server.ts';

const conflict = { kind: 'Status', reason: 'Conflict', message: 'the object has been modified' };

/** Deletes a namespace whose first deletions meet a conflict; it reads then as given, and is gone after a deletion. */
async function deleting(conflicts: number, found: object | undefined) {
  let deletions = 0;
  const api = await startApiServer(({ method }, response) => {
    if (method === 'DELETE') deletions += 1;
    const isDeleted = deletions > conflicts;
    if (method === 'DELETE' && !isDeleted) return sendJson(response, 409, conflict);
    if (method === 'DELETE') return sendJson(response, 200, { kind: 'Status', status: 'Success' });
    if (isDeleted || found === undefined) return sendJson(response, 404, { kind: 'Status', reason: 'NotFound' });
    return sendJson(response, 200, { kind: 'Namespace', metadata: found });
  });
  const clock = new FakeClock({ isAutomatic: true });
  const cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } }, { clock });
  const options = { waitMs: 1_000, signal: new AbortController().signal, onLine: () => undefined };
  const result = await deleteNamespace(cluster, 'school', 'u', options).catch((error: unknown) => error);
  await cluster.close();
  await api.stop();
  return { result, deletions };
}

it.each([1, 2, 4])('a deletion that meets %i conflicts is read again and sent again', async (conflicts) => {
  const { result, deletions } = await deleting(conflicts, { uid: 'u' });
  expect(result).toBeUndefined();
  expect(deletions).toBe(conflicts + 1);
});

it('a deletion that always meets a conflict ends in its error', async () => {
  const { result, deletions } = await deleting(Number.POSITIVE_INFINITY, { uid: 'u' });
  expect(result).toMatchObject({ status: 409 });
  expect(deletions).toBe(5);
});

it.each([
  ['is another by now', { uid: 'other' }],
  ['is gone by now', undefined],
])('a namespace that %s is left alone', async (_, found) => {
  const { result, deletions } = await deleting(1, found);
  expect(result).toBeUndefined();
  expect(deletions).toBe(1);
});
