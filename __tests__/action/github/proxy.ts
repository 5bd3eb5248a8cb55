/** Lists the comments of pull request 7 with the environment of its process, as the proxy's test starts it. */
import { connectGithub } from '../../../src/action/github/api.ts';
import { given } from '../given.ts';

const { api } = await connectGithub(given({ inputs: { 'api-token': 'a-token' } }), { pauseMs: 1 });
try {
  console.log(JSON.stringify(await api.comments(7)));
} catch (error) {
  console.log(error instanceof Error && 'code' in error ? error.code : error);
}
