/** Stands in reports; raised with every change of what the agent does. */
export const AGENT_VERSION = '1.0.0';
