import { proxyOf } from '../../inputs/environment.ts';
import type { HostedRepository } from '../../inputs/event/origin.ts';
import { optionalValue } from '../../inputs/input.ts';
import { type InputSource, variableOf } from '../../inputs/input-source.ts';
import { INPUTS } from '../../inputs/inputs.ts';
import { SettingsInvalid } from '../../inputs/problems.ts';
import { type ApiOptions, GithubApi } from './api.ts';

/**
 * GitHub's API for the cluster repository, at GITHUB_API_URL, which is that of an Enterprise Server too.
 *
 * @throws SettingsInvalid without a token
 */
export function connectGithub(
  inputSource: InputSource,
  { owner, name }: HostedRepository,
  options: Pick<ApiOptions, 'onRequest' | 'onRetry' | 'signal'>,
): GithubApi {
  const token = optionalValue(INPUTS.apiToken, inputSource);
  if (token === undefined) {
    throw new SettingsInvalid([
      `${INPUTS.apiToken.input}: missing, and a pull request needs it. ${INPUTS.apiToken.description}`,
    ]);
  }
  const url = variableOf(inputSource, 'GITHUB_API_URL') ?? 'https://api.github.com';
  return new GithubApi({ ...options, url, token, owner, repository: name, proxy: proxyOf(inputSource) });
}
