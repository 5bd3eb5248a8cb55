import type { ClusterAccess, ProxyVariables } from '../cluster/api/kubeconfig.ts';
import { missing, requireValue } from './input.ts';
import { INPUTS } from './inputs.ts';
import { inputOf, type Lookup, variableOf } from './lookup.ts';
import { SettingsInvalid } from './problems.ts';

/**
 * How the cluster is reached: by input `kubeconfig`, else the variable KUBECONFIG, else from inside of the cluster.
 *
 * @throws SettingsInvalid where there is none of them
 */
export function clusterAccess(lookup: Lookup): ClusterAccess {
  const proxy = proxyOf(lookup);
  return { source: sourceOf(lookup), ...(Object.keys(proxy).length > 0 ? { proxy } : {}) };
}

function sourceOf(lookup: Lookup): ClusterAccess['source'] {
  if (inputOf(lookup, INPUTS.kubeconfig.input) !== undefined) {
    return { kind: 'content', text: requireValue(INPUTS.kubeconfig, lookup) };
  }
  const path = variableOf(lookup, 'KUBECONFIG');
  if (path !== undefined) return { kind: 'file', path };
  if (variableOf(lookup, 'KUBERNETES_SERVICE_HOST') !== undefined) return { kind: 'in-cluster' };
  throw new SettingsInvalid([missing(INPUTS.kubeconfig)]);
}

/** The proxy variables; of each the lower-case one counts first, as for curl. */
export function proxyOf(lookup: Lookup): ProxyVariables {
  const variable = (name: string) => variableOf(lookup, name.toLowerCase()) ?? variableOf(lookup, name);
  const [httpsProxy, httpProxy, noProxy] = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'].map(variable);
  return {
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  };
}

/** The environment for git: that of the action without its inputs and settings, which are full of secrets. */
export function gitEnvironment(lookup: Lookup): Record<string, string> {
  return Object.fromEntries(
    Object.entries(lookup.environment()).flatMap(([name, value]) =>
      value === undefined || /^(INPUT|LAUNCHPAD)_/i.test(name) ? [] : [[name, value]],
    ),
  );
}
