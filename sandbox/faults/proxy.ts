import type { IncomingMessage } from 'node:http';
import { KubeConfig } from '@kubernetes/client-node';
import { kubeconfig } from '../kubernetes/server.ts';
import { localIdentity } from '../tls.ts';
import { type HttpFront, startHttpFront } from './http.ts';

/** A proxy before a Kubernetes API, the sandbox's or a real one, that can make it misbehave. */
export interface FaultProxy extends HttpFront {
  /** Kubeconfig of the way through the proxy. */
  readonly kubeconfig: string;
  /** Its certificate authority, PEM. */
  readonly ca: string;
}

const TOKEN = 'through-the-proxy';
const identity = localIdentity();

/**
 * A client with the proxy's kubeconfig has the rights of the target's; another, as a pod, its own.
 *
 * @param target kubeconfig, as text, of the API server
 */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const upstream = new KubeConfig();
  upstream.loadFromString(target);
  const optionsOf = async (incoming: IncomingMessage) => {
    const { authorization, host: _, ...headers } = incoming.headers;
    const options = { headers: { ...headers } };
    await upstream.applyToHTTPSOptions(options);
    const isOther = authorization !== undefined && authorization !== `Bearer ${TOKEN}`;
    return { ...options, headers: { ...headers, ...options.headers, ...(isOther ? { authorization } : {}) } };
  };
  const url = upstream.getCurrentCluster()?.server ?? '';
  const front = await startHttpFront({ url, identity: await identity, optionsOf });
  const { cert: ca } = await identity;
  return Object.assign(front, { kubeconfig: kubeconfig(front.url, ca, TOKEN), ca });
}
