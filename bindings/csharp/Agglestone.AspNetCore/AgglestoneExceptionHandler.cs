using System;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Agglestone.AspNetCore;

/// <summary>Answers problem details for errors of the client. Their texts are for the application's log, not for its callers.</summary>
internal sealed class AgglestoneExceptionHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not IAgglestoneError error || Status(error.Code) is not { } status)
        {
            return false;
        }

        httpContext.Response.StatusCode = status;
        if (status == StatusCodes.Status429TooManyRequests && error.RetryAfter is { } wait)
        {
            httpContext.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        // False where the caller accepts no JSON: then the status says it.
        await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = { Status = status, Title = ReasonPhrases.GetReasonPhrase(status) },
        }).ConfigureAwait(false);
        return true;
    }

    /// <summary>What the caller's caller should see; null for what is the application's own fault.</summary>
    internal static int? Status(AgglestoneErrorCode code) => code switch
    {
        AgglestoneErrorCode.InvalidArgument => StatusCodes.Status400BadRequest,
        AgglestoneErrorCode.Forbidden => StatusCodes.Status403Forbidden,
        AgglestoneErrorCode.NotFound => StatusCodes.Status404NotFound,
        AgglestoneErrorCode.Conflict => StatusCodes.Status409Conflict,
        AgglestoneErrorCode.RateLimited => StatusCodes.Status429TooManyRequests,
        AgglestoneErrorCode.Timeout => StatusCodes.Status504GatewayTimeout,
        AgglestoneErrorCode.InvalidConfig or AgglestoneErrorCode.Panic => null,
        _ => StatusCodes.Status502BadGateway,
    };
}
