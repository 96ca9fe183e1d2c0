"""Requests to the S3 service of imports, signed with the credentials of the imports.

obstore would resolve names itself. It would also add the session token of the service's store, or
query the cloud's metadata address, when a credential is missing.
"""

from app.settings import Settings

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def signed(path: str, settings: Settings) -> tuple[str, dict[str, str]]:
    """Return the URL and the headers of a GET request. A public bucket needs no credentials.

    Args:
        path: bucket and key, with its query, escaped.
    """
    region = settings.import_s3_region
    endpoint = settings.import_s3_url or f"https://s3.{region}.amazonaws.com"
    url = f"{endpoint.rstrip('/')}/{path}"
    key, secret = settings.import_s3_key_id, settings.import_s3_secret_key
    if key is None or secret is None:
        return url, {}
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(method="GET", url=url, headers={"X-Amz-Content-SHA256": EMPTY_SHA256})
    request.context["client_config"] = None
    S3SigV4Auth(Credentials(key, secret.get_secret_value()), "s3", region).add_auth(request)
    return url, dict(request.headers.items())
