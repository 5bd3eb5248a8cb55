/** The environment blocks of the Launchpad documentation, as printed, but for IDs: the printed ones have no valid form. */
export const DOCKER_REGISTRY = `export LAUNCHPAD_DOCKER_REGISTRY_CREDENTIALS="base64-encoded user:password"`;
export const MYSQL = `
export LAUNCHPAD_MYSQL_HOST="mysql.cluster.domain"
export LAUNCHPAD_MYSQL_PORT="3306"
export LAUNCHPAD_MYSQL_ADMIN_USER="root"
export LAUNCHPAD_MYSQL_ADMIN_PASSWORD="secure_password"`;
export const DIGITALOCEAN = `
export LAUNCHPAD_MONGODB_HOST="mongodb.cluster.domain"
export LAUNCHPAD_MONGODB_PORT="27017"
export LAUNCHPAD_MONGODB_ADMIN_USER="admin"
export LAUNCHPAD_MONGODB_ADMIN_PASSWORD="secure_password"
export LAUNCHPAD_MONGODB_CLUSTER_ID="9cc10173-e9ea-4176-9dbc-a4cee4c4ff30"
export LAUNCHPAD_MONGODB_AUTH_SOURCE="admin"
export LAUNCHPAD_DIGITALOCEAN_TOKEN="dop_v1_your_token"`;
export const ATLAS = `
export LAUNCHPAD_ATLAS_PUBLIC_KEY="your_public_key"
export LAUNCHPAD_ATLAS_PRIVATE_KEY="your_private_key"
export LAUNCHPAD_ATLAS_PROJECT_ID="32b6e34b3d91647abb20e7b8"
export LAUNCHPAD_ATLAS_CLUSTER_NAME="Cluster0"`;
export const STORAGE = `
export LAUNCHPAD_STORAGE_TYPE="spaces"  # or "s3"
export LAUNCHPAD_STORAGE_REGION="nyc3"  # or "us-east-1"
export LAUNCHPAD_STORAGE_ACCESS_KEY_ID="your_key"
export LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY="your_secret"`;
