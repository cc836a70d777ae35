/** Azure shows regions by their display names where the cache service answers, whatever was sent. */

const DISPLAY_NAMES: Readonly<Record<string, string>> = {
  eastus: "East US",
  eastus2: "East US 2",
  westus: "West US",
  westus2: "West US 2",
  centralus: "Central US",
  northeurope: "North Europe",
  westeurope: "West Europe",
  germanywestcentral: "Germany West Central",
  uksouth: "UK South",
};

export const displayName = (location: string): string => DISPLAY_NAMES[plain(location)] ?? location;
export const plain = (location: string): string => location.replaceAll(" ", "").toLowerCase();
