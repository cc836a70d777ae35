# Sourced by AzureCLI@2 steps (addSpnToEnvironment): the step's own identity, as Pulumi and propiq-cache look for it.
# az is signed in already, which is what the state's back end uses.
# shellcheck shell=bash disable=SC2154
ARM_SUBSCRIPTION_ID=$(az account show --query id --output tsv)
export ARM_SUBSCRIPTION_ID
export ARM_USE_OIDC=true
export ARM_CLIENT_ID="$servicePrincipalId"
export ARM_TENANT_ID="$tenantId"
export ARM_OIDC_TOKEN="$idToken"
