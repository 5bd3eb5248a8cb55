import { KUBERNETES } from './cases/kubernetes.ts';
import { testFaults } from './run-case.ts';

await testFaults(KUBERNETES);
