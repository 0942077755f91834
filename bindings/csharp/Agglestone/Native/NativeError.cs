using System;
using System.Threading;

using Agglestone.Errors;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <summary>Turns the library's failures into exceptions.</summary>
internal static class NativeError
{
    /// <summary>Throws unless <paramref name="status"/> is AGG_OK. <paramref name="error"/> is freed.</summary>
    internal static void Check(uint status, nint error)
    {
        if (status != 0)
        {
            throw Take(error, CancellationToken.None);
        }
    }

    /// <summary>The exception for an agg_error, which is freed.</summary>
    /// <param name="error">The error; owned by this method.</param>
    /// <param name="token">What a cancelled call was cancelled by.</param>
    internal static Exception Take(nint error, CancellationToken token)
    {
        try
        {
            var status = agg_error_http_status(error);
            var retryAfter = agg_error_retry_after(error);
            return ExceptionTable.Create(
                new ErrorDetails
                {
                    Code = (AgglestoneErrorCode)agg_error_code(error),
                    Message = agg_error_message(error).ToString(),
                    HttpStatus = status == 0 ? null : status,
                    RequestId = agg_error_request_id(error).TextOrNull,
                    RetryAfter = retryAfter < 0 ? null : TimeSpan.FromSeconds(retryAfter),
                    IsRetryable = agg_error_retryable(error) != 0,
                    ServiceMessage = agg_error_service_message(error).TextOrNull,
                    Argument = agg_error_argument(error).TextOrNull,
                    Attempts = (int)agg_error_attempts(error),
                },
                token);
        }
        finally
        {
            agg_error_free(error);
        }
    }
}
