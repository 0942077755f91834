import agglestone from './dist/index.js';

export const { Client } = agglestone;
