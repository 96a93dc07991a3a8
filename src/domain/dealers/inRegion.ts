/** True when a region (`US/Washington`) lies in a scope: the region itself, or its whole country (`US/*`). */
export function inRegion(region: string, scope: string): boolean {
  return scope === region || (scope.endsWith('/*') && region.startsWith(scope.slice(0, -1)))
}
