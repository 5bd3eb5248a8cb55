/** GitHub's client. It is a third of all that the action loads, and loaded where GitHub is asked for something. */
export { context, defaults, GitHub, getOctokitOptions } from '@actions/github/lib/utils';
export { retry } from '@octokit/plugin-retry';
export { throttling } from '@octokit/plugin-throttling';
