import { PODS } from './cases/pods.ts';
import { testFaults } from './run-case.ts';

await testFaults(PODS);
