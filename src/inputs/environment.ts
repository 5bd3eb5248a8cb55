import type { ClusterAccess, ProxyVariables } from '../cluster/api/kubeconfig.ts';
import { missing, requireValue } from './input.ts';
import { type InputSource, inputOf, variableOf } from './input-source.ts';
import { INPUTS } from './inputs.ts';
import { SettingsInvalid } from './problems.ts';

/**
 * How the cluster is reached: by input `kubeconfig`, else the variable KUBECONFIG, else from inside of the cluster.
 *
 * @throws SettingsInvalid where there is none of them
 */
export function clusterAccess(inputSource: InputSource): ClusterAccess {
  const proxy = proxyOf(inputSource);
  return { source: sourceOf(inputSource), ...(Object.keys(proxy).length > 0 ? { proxy } : {}) };
}

function sourceOf(inputSource: InputSource): ClusterAccess['source'] {
  if (inputOf(inputSource, INPUTS.kubeconfig.input) !== undefined) {
    return { kind: 'content', text: requireValue(INPUTS.kubeconfig, inputSource) };
  }
  const path = variableOf(inputSource, 'KUBECONFIG');
  if (path !== undefined) return { kind: 'file', path };
  if (variableOf(inputSource, 'KUBERNETES_SERVICE_HOST') !== undefined) return { kind: 'in-cluster' };
  throw new SettingsInvalid([missing(INPUTS.kubeconfig)]);
}

/** The proxy variables; of each the lower-case one counts first, as for curl. */
export function proxyOf(inputSource: InputSource): ProxyVariables {
  const variable = (name: string) => variableOf(inputSource, name.toLowerCase()) ?? variableOf(inputSource, name);
  const [httpsProxy, httpProxy, noProxy] = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'].map(variable);
  return {
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  };
}

/** The environment for git: that of the action without its inputs and settings, which are full of secrets. */
export function gitEnvironment(inputSource: InputSource): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputSource.environment()).flatMap(([name, value]) =>
      value === undefined || /^(INPUT|LAUNCHPAD)_/i.test(name) ? [] : [[name, value]],
    ),
  );
}
