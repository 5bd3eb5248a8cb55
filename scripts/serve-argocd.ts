/**
 * Stands in for Argo CD in the cluster of KUBECONFIG where there is none: `npm run argocd`. It only finishes
 * deletions of Applications, and serves until it is stopped. For runs by hand that take instances down.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { finishDeletions } from '../sandbox/argocd/deletions.ts';
import { Cluster } from '../src/cluster/api/client.ts';

const text = await readFile(process.env.KUBECONFIG ?? '', 'utf8');
const cluster = await Cluster.connect({ source: { kind: 'content', text } });
const deletions = finishDeletions(cluster);
process.stdout.write(`Finishes deletions of Applications in ${cluster.server}\n`);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await deletions.stop();
await cluster.close();
